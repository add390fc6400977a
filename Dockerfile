# The API with its browser assets. `docker compose up` builds and runs it beside Neo4j.

FROM node:20.20.2-bookworm-slim AS web
WORKDIR /src
COPY graphsvc/web/package.json graphsvc/web/package-lock.json graphsvc/web/.npmrc ./
RUN npm ci --no-fund --no-audit
COPY graphsvc/web/ ./
RUN npm run build

FROM node:20.20.2-bookworm-slim AS assets
WORKDIR /src
COPY graphsvc/reports/assets/ ./
RUN npm ci --no-fund --no-audit && npm run build

FROM python:3.11.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/graphsvc \
    && /opt/graphsvc/bin/pip install --require-hashes -r requirements/run.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md ./
COPY graphsvc/ graphsvc/
COPY loaders/ loaders/
COPY cypher/ cypher/
COPY --from=web /src/dist graphsvc/web/dist
COPY --from=assets /src/dist graphsvc/reports/assets/dist
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/graphsvc/bin/pip install --no-deps /dist/*.whl

FROM python:3.11.13-slim-bookworm
COPY --from=build /opt/graphsvc /opt/graphsvc
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/graphsvc graphsvc \
    && chmod 0700 /var/lib/graphsvc
ENV PATH=/opt/graphsvc/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/lib/graphsvc/numba \
    GRAPHSVC_DATA_DIR=/var/lib/graphsvc \
    GRAPHSVC_HOST=0.0.0.0 \
    GRAPHSVC_PORT=8080
USER 10001
WORKDIR /var/lib/graphsvc
VOLUME /var/lib/graphsvc
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
CMD ["graphsvc", "up"]
