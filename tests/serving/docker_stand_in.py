"""Stands in for Docker: exactly the commands that serving/backends/docker.py sends.

A container is the embedded server, detached from the client that started it as a real one is. The
folder STAND_IN_CONTAINERS keeps one file per container; it stands for the daemon.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

IMAGE = "tensorflow/serving"
CONTAINERS = Path(os.environ["STAND_IN_CONTAINERS"])


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    commands = parser.add_subparsers(required=True)

    image = commands.add_parser("image", allow_abbrev=False)
    image.add_argument("what", choices=["inspect"])
    image.add_argument("image")
    image.set_defaults(run=inspect_image)

    run = commands.add_parser("run", allow_abbrev=False)
    run.add_argument("--rm", action="store_true", required=True)
    run.add_argument("--pull", choices=["never"], required=True)
    run.add_argument("--name", required=True)
    run.add_argument("--user", required=True)
    run.add_argument("--cap-drop", choices=["ALL"], required=True)
    run.add_argument("--security-opt", choices=["no-new-privileges"], required=True)
    run.add_argument("--read-only", action="store_true", required=True)
    run.add_argument("--tmpfs", choices=["/tmp"], required=True)
    run.add_argument("--mount", required=True)
    run.add_argument("--publish", action="append", required=True)
    run.add_argument("--env", action="append", default=[])
    run.add_argument("--entrypoint", choices=["tensorflow_model_server"], required=True)
    run.add_argument("image", choices=[IMAGE])
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    run.set_defaults(run=run_container)

    container = commands.add_parser("container", allow_abbrev=False)
    container.add_argument("what", choices=["inspect"])
    container.add_argument("name")
    container.set_defaults(run=inspect_container)

    execute = commands.add_parser("exec", allow_abbrev=False)
    execute.add_argument("name")
    execute.add_argument("command", choices=["cat"])
    execute.add_argument("path", choices=["/proc/1/status"])
    execute.set_defaults(run=cat_status)

    remove = commands.add_parser("rm", allow_abbrev=False)
    remove.add_argument("--force", action="store_true", required=True)
    remove.add_argument("name")
    remove.set_defaults(run=remove_container)

    options = parser.parse_args()
    return options.run(options)


def inspect_image(options: argparse.Namespace) -> int:
    if os.environ.get("STAND_IN_IMAGE", IMAGE) != options.image:
        return fail(f"No such image: {options.image}")
    print("[{}]")
    return 0


def run_container(options: argparse.Namespace) -> int:
    if "STAND_IN_REFUSES=1" in options.env:
        return fail("no space left on device")
    user, _, group = options.user.partition(":")
    if "0" in (user, group):
        return fail("a privileged user")
    mount = dict(part.partition("=")[::2] for part in options.mount.split(","))
    if mount.keys() != {"type", "source", "target", "readonly"} or mount["type"] != "bind":
        return fail(f"invalid mount {options.mount}")
    if not Path(mount["source"]).is_dir():
        return fail(f"bind source path does not exist: {mount['source']}")
    ports: dict[str, list[dict[str, str]]] = {}
    arguments = options.arguments
    for published in options.publish:
        host, host_port, inside = published.split(":")
        if host != "127.0.0.1":
            return fail(f"open to the network: {published}")
        free = int(host_port) if host_port else free_port()
        ports[f"{inside}/tcp"] = [{"HostIp": host, "HostPort": str(free)}]
        arguments = [a.replace(f"port={inside}", f"port={free}") for a in arguments]
    if "8500/tcp" not in ports:
        # Inside a container of its own, nobody else has that port.
        arguments = [a.replace("--port=8500", "--port=0") for a in arguments]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "serving.server"),
            *(argument.replace(mount["target"], mount["source"]) for argument in arguments),
        ],
        env={**os.environ, **dict(pair.partition("=")[::2] for pair in options.env)},
        start_new_session=True,
    )
    state = {"State": {"Pid": server.pid}, "NetworkSettings": {"Ports": ports}}
    file = CONTAINERS / options.name
    file.with_suffix(".new").write_text(json.dumps(state))
    file.with_suffix(".new").rename(file)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    code = server.wait()
    file.unlink(missing_ok=True)
    return 128 - code if code < 0 else code


def inspect_container(options: argparse.Namespace) -> int:
    try:
        print(f"[{(CONTAINERS / options.name).read_text()}]")
    except FileNotFoundError:
        print("[]")
        return fail(f"No such container: {options.name}")
    return 0


def cat_status(options: argparse.Namespace) -> int:
    try:
        print(Path(f"/proc/{pid_of(options.name)}/status").read_text())
    except FileNotFoundError:
        return fail(f"No such container: {options.name}")
    return 0


def remove_container(options: argparse.Namespace) -> int:
    try:
        os.kill(pid_of(options.name), signal.SIGKILL)
        (CONTAINERS / options.name).unlink(missing_ok=True)
    except (FileNotFoundError, ProcessLookupError):
        return fail(f"No such container: {options.name}")
    print(options.name)
    return 0


def pid_of(name: str) -> int:
    return json.loads((CONTAINERS / name).read_text())["State"]["Pid"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def fail(message: str) -> int:
    print(f"Error response from daemon: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
