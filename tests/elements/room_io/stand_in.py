# SPDX-License-Identifier: LGPL-2.1-or-later
"""An HTTP server that answers offers as it is told: with errors, redirects, nonsense, nothing, or what a real server says."""
import http.server
import ssl
import threading
import time
import urllib.request


class StandIn:
    """`tls`: certificate and key files. `answer(request)` is called for each POST: it returns (status, headers, body), or None to stay silent."""

    def __init__(self, answer, tls=None):
        stand_in = self
        self.seen = []  # (method, path, headers)
        self.closing = False

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                stand_in.seen.append((self.command, self.path, dict(self.headers)))
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.command == "OPTIONS":
                    reply = (204, {}, b"")
                elif self.command == "DELETE":
                    reply = (200, {}, b"")
                else:
                    reply = answer(self)
                while reply is None and not stand_in.closing:
                    time.sleep(0.05)
                if reply is None:
                    return
                status, headers, body = reply
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_DELETE = do_OPTIONS = do_PATCH = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def methods(self):
        return [method for method, _, _ in self.seen]

    def end(self):
        self.closing = True
        self.server.shutdown()
        self.server.server_close()


def passes_on(server, change=lambda sdp: sdp):
    """What the real server answers, with its SDP changed on the way."""
    def answer(request):
        asked = urllib.request.Request(server.url + request.path, data=request.body, method="POST",
                                       headers={"Content-Type": "application/sdp"})
        with urllib.request.urlopen(asked, timeout=10) as reply:
            headers = {"Content-Type": "application/sdp", "Location": server.url + reply.headers["Location"]}
            return 201, headers, change(reply.read().decode()).encode()
    return answer
