# SPDX-License-Identifier: LGPL-2.1-or-later
"""nginx with its RTMP module, in a folder of its own."""

import socket
import subprocess
import time
from pathlib import Path

from machine import BenchError, ends_with_parent

RTMP_PORT = 1935
LIVE = """load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off;
worker_processes 1;
pid rtmp.pid;
error_log stderr;
events { worker_connections 256; }
rtmp { server { listen 1935; application live { live on; } } }
"""


class Nginx:
    def __init__(self, folder, configuration=LIVE):
        """`configuration`: text; it listens at RTMP_PORT."""
        self.folder = Path(folder)
        (self.folder / "nginx.conf").write_text(configuration)

    def __enter__(self):
        self.process = subprocess.Popen(
            ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"],
            stderr=subprocess.DEVNULL, preexec_fn=ends_with_parent)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", RTMP_PORT)) == 0:
                    return self
            time.sleep(0.05)
        self.__exit__()
        raise BenchError("nginx does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
