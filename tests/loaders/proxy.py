"""A proxy in front of Bolt that drops the connection just after it has forwarded a COMMIT, some number of times."""

import contextlib
import socket
import threading

COMMIT = b"\xb0\x12"
"""The message as it stands in Bolt 4 and 5: a structure without fields, signature 0x12, in a chunk of two bytes."""


class Proxy:
    """Listens on the loopback; ``drops`` connections are still to be dropped, ``dropped`` were."""

    def __init__(self, host: str, port: int, drops: int) -> None:
        self._target = (host, port)
        self.left = drops
        self.dropped = 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(self._target)
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """From the driver to the server. After a COMMIT has gone through, both ends are closed: nobody hears of it."""
        with client, server, contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                server.sendall(data)
                if data.endswith(b"\x00\x02" + COMMIT + b"\x00\x00") and self._drop():
                    client.shutdown(socket.SHUT_RDWR)
                    return

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> bool:
        with self._lock:
            if self.left <= 0:
                return False
            self.left -= 1
            self.dropped += 1
            return True
