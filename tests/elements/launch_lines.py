#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs what the documentation shows: the launch lines of the elements' doc blocks, and the examples.

    launch_lines.py SOURCE_ROOT [SECONDS]
"""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

EXAMPLES = ["examples/launch/*.sh", "examples/python/forward.py 3", "examples/python/active_speaker.py 3",
            "examples/python/webrtcbin_router.py 20", "examples/python/adaptive_bitrate.py 4", "examples/python/mix_minus.py",
            "examples/python/video_grid.py 4", "examples/python/room_publisher.py 4", "examples/python/room_viewer.py 4",
            "examples/python/room_server.py 0 3", "examples/python/audio_tap.py 2", "examples/python/room_recorder.py 2",
            "examples/python/face_blur.py 8", "examples/python/rtsp_bridge.py 0 3"]

# They write what they are told to by FILE; beside them the other one of the pair, of the same ROOM.
FILE_EXAMPLES = [("examples/launch/room_to_file.sh", "examples/launch/publish_to_room.sh", {"video", "audio"}),
                 ("examples/launch/room_to_mp4.sh", None, {"video", "audio"})]

NEVER = "never played"
AT_A_TIME = 3  # they wait most of the time


def launch_lines(source):
    for block in re.findall(r"\|\[(.*?)\]\|", source.read_text(), re.DOTALL):
        line = " ".join(part.strip().removeprefix("*").strip().rstrip("\\") for part in block.splitlines()).strip()
        if line.startswith("gst-launch-1.0"):
            yield line


def run(command, seconds, cwd):
    """The reason why it failed, or None. Who is still running when the time is over did well."""
    process = subprocess.Popen(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=seconds)
        stopped = False
    except subprocess.TimeoutExpired:
        process.terminate()
        output, _ = process.communicate(timeout=20)
        stopped = True
    complaints = re.findall(r"^.*(?:ERROR|CRITICAL|WARNING|Traceback).*$", output, re.MULTILINE)
    if complaints:
        return "\n".join(complaints)
    if not stopped and process.returncode != 0:
        return f"exit code {process.returncode}\n{output}"
    if command[0] == "gst-launch-1.0" and "PLAYING" not in output:
        return f"{NEVER}\n{output}"
    return None


def run_patiently(command, seconds, cwd):
    """A busy machine takes longer to begin."""
    reason = run(command, seconds, cwd)
    return run(command, 5 * seconds, cwd) if reason and reason.startswith(NEVER) else reason


@contextlib.contextmanager
def server():
    """The real one, which the examples with a room find in GST_ROOMS_URL."""
    program = os.environ.get("GST_ROOMS_SERVER")
    if not program:
        yield
        return
    process = subprocess.Popen([program, "--listen", "127.0.0.1:0", "--udp-port", "0"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        os.environ["GST_ROOMS_URL"] = re.search(r"http://[\d.]+:\d+", process.stdout.readline()).group()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def reads_back(root, example, companion, kinds):
    """The reason why what it wrote cannot be played, or None."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FILE": f"{folder}/file", "ROOM": pathlib.Path(example).stem}
        start = lambda script: subprocess.Popen([str(root / script)], env=environment, stdout=subprocess.PIPE,  # noqa: E731
                                                stderr=subprocess.STDOUT, text=True)
        running = [start(script) for script in (companion, example) if script]
        try:
            # Ctrl-C: `-e` ends the file.
            with contextlib.suppress(subprocess.TimeoutExpired):
                running[-1].wait(timeout=8)
            running[-1].send_signal(signal.SIGINT)
            said, _ = running[-1].communicate(timeout=20)
        finally:
            for process in running:
                process.kill()
                process.communicate()
        probe = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_type,nb_read_packets",
                                "-of", "csv=p=0", f"{folder}/file"], capture_output=True, text=True, check=False)
        packets = {kind: int(count) for kind, count in re.findall(r"^(\w+),(\d+)$", probe.stdout, re.MULTILINE)}
        if set(packets) == kinds and min(packets.values()) > 20:
            return None
        return f"{packets} in its file\n{probe.stderr}\n{said}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    commands = [(source.name, shlex.split(line), seconds)
                for source in sorted([*root.glob("elements/*.cc"), *root.glob("bins/*.cc")]) for line in launch_lines(source)]
    for pattern in EXAMPLES:
        path, *arguments = pattern.split()
        for example in sorted(root.glob(path)):
            # Those that end by themselves need the time they are made for; the others are stopped.
            ends = "gst-launch-1.0" not in example.read_text().split("exec")[-1]
            commands.append((example.name, [str(example), *arguments], 30 if ends else seconds))

    failures = 0
    with server(), concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as runners:
        reasons = runners.map(lambda one: run_patiently(one[1], one[2], root), commands)
        for (name, command, _), reason in zip(commands, reasons):
            print(f"{'FAILED' if reason else 'ok':6} {name}: {shlex.join(command)}", flush=True)
            if reason:
                failures += 1
                print(reason, flush=True)
        written = FILE_EXAMPLES if os.environ.get("GST_ROOMS_URL") else []
        for one, reason in zip(written, runners.map(lambda one: reads_back(root, *one), written)):
            print(f"{'FAILED' if reason else 'ok':6} what {one[0]} wrote is played", flush=True)
            if reason:
                failures += 1
                print(reason, flush=True)
    if not commands:
        sys.exit("no launch line found")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
