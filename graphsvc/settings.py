"""The one table of settings: it makes the validation, `graphsvc settings` and `docs/settings.md`."""

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once from the environment (``GRAPHSVC_…``), never changed after."""

    model_config = SettingsConfigDict(env_prefix="GRAPHSVC_", frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path(".graphsvc"),
        description="The one folder that holds all state: database, keys, topology, logs.",
    )
    neo4j_uri: str | None = Field(
        default=None, description="A Neo4j to use instead of the private one, such as neo4j://host:7687."
    )
    neo4j_user: str = Field(default="neo4j", description="User for GRAPHSVC_NEO4J_URI.")
    neo4j_password: SecretStr | None = Field(default=None, description="Password for GRAPHSVC_NEO4J_URI.")
    neo4j_password_file: Path | None = Field(
        default=None,
        description="File that holds the password for GRAPHSVC_NEO4J_URI; wins over the variable.",
    )
    neo4j_database: str = Field(default="neo4j", description="Name of the database within the server.")
    bolt_port: int = Field(
        default=7687,
        ge=0,
        le=65535,
        description="Port that the private Neo4j tries first; another free one if taken.",
    )
    neo4j_heap_mb: int | None = Field(
        default=None, ge=256, description="Heap of the private Neo4j in MiB; sized to the machine when unset."
    )
    neo4j_page_cache_mb: int | None = Field(
        default=None,
        ge=64,
        description="Page cache of the private Neo4j in MiB; sized to the machine when unset.",
    )
    aura_client_id: str | None = Field(
        default=None,
        description="Account of the Aura API. With it and the next two, work on whole graphs that the Neo4j server "
        "has no memory for goes to sessions of Aura Graph Analytics, as numbers without names; never when unset.",
    )
    aura_client_secret_file: Path | None = Field(
        default=None, description="File that holds the secret of GRAPHSVC_AURA_CLIENT_ID."
    )
    aura_location: str | None = Field(
        default=None,
        pattern="^(aws|azure|gcp)/[a-z0-9-]+$",
        description="Cloud and region of the sessions, such as gcp/europe-west1.",
    )
    aura_project_id: str | None = Field(
        default=None, description="Project that pays for the sessions, where the account has several."
    )
    aura_memory: str = Field(
        default="64GB",
        pattern="^[1-9][0-9]{0,3}GB$",
        description="Largest session that is opened, as Aura names its sizes.",
    )
    jars_dir: Path | None = Field(
        default=None,
        description="Folder where the program files of the private Neo4j are kept and shared; "
        "`neo4j-jars` in the data folder when unset.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the API listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that the API listens on.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that answer requests.")
    query_seconds: float = Field(
        default=30.0, gt=0, le=600, description="The longest that one database query of a request may take."
    )
    token_issuer: str = Field(default="graphsvc", description="Issuer (`iss`) that tokens must name.")
    token_audience: str = Field(default="graphsvc", description="Audience (`aud`) that tokens must name.")
    token_keys: str | None = Field(
        default=None,
        description="JSON Web Key Set of the issuer, as a file or an https address; "
        "the key made in the data folder when unset.",
    )
    token_leeway_seconds: int = Field(
        default=10,
        ge=0,
        le=300,
        description="Difference between clocks that is forgiven when a token is checked.",
    )
    open_schema: bool = Field(
        default=False, description="Show the schema, and nothing else, to those who come without a token."
    )
    demo: bool = Field(
        default=False,
        description="Hand a local token to everyone who opens the explorer; only on a loopback address.",
    )
    request_seconds: float = Field(
        default=60.0, gt=0, le=600, description="The longest that one request may take as a whole."
    )
    body_bytes: int = Field(
        default=262_144, ge=1_024, le=16_777_216, description="Largest request body that is read, in bytes."
    )
    query_depth: int = Field(
        default=20, ge=1, le=50, description="Deepest nesting of fields in one question."
    )
    query_fields: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Most fields that one question may ask for, fragments expanded.",
    )
    query_operations: int = Field(
        default=10, ge=1, le=1_000, description="Most fields at the root of one question, aliases counted."
    )
    objects_hour: int = Field(
        default=20_000, ge=1, description="Most records and links that one caller may be given in an hour."
    )
    objects_day: int = Field(
        default=100_000, ge=1, description="Most records and links that one caller may be given in a day."
    )
    batch_size: int = Field(
        default=10_000, ge=1, le=100_000, description="Elements in one transaction of a load."
    )

    @property
    def home(self) -> Path:
        """The data folder as an absolute path without detours, which Neo4j would refuse."""
        return self.data_dir.expanduser().resolve()

    @property
    def jars_home(self) -> Path:
        """Where the private Neo4j's program files are kept, as an absolute path."""
        return (self.jars_dir or self.home / "neo4j-jars").expanduser().resolve()

    def password(self) -> str | None:
        """The password given for an external server, from its file first."""
        if self.neo4j_password_file is not None:
            return self.neo4j_password_file.read_text(encoding="utf-8").strip()
        return None if self.neo4j_password is None else self.neo4j_password.get_secret_value()


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
