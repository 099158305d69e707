"""Runs ministack on a free port of loopback, for as long as whoever started it lives.

stdout  one JSON document a line: first {"port": n}, then {"id": n} or {"id": n, "error": text} for each request
stdin   one JSON document a line: {"id": n, "account": a, "region": r, "entries": [...]}; puts events of AWS services
        on the event bus. AWS's PutEvents takes no event whose source begins with `aws.`, and ministack's neither.
        When stdin ends, because it was closed or because its owner died in whatever way, everything ends at once:
        ministack and the Lambda processes that it started, which are of its process group.
stderr  what ministack and the Lambdas log
"""

import asyncio
import json
import os
import signal
import socket
import sys
import threading


def answer_on_stdout():
    """Keeps the real stdout for answers, and lets whatever is printed go to the log."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def listen_on_loopback():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    return listener


async def put_events(request):
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import eventbridge

    set_request_account_id(request["account"])
    set_request_region(request["region"])
    _, _, body = eventbridge._put_events({"Entries": request["entries"]}, allow_aws_source=True)
    failed = [entry for entry in json.loads(body)["Entries"] if "ErrorCode" in entry]
    if failed:
        raise RuntimeError(f"{failed[0]['ErrorCode']}: {failed[0]['ErrorMessage']}")


def serve_requests(loop, answers):
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"id": request["id"]}
        try:
            asyncio.run_coroutine_threadsafe(put_events(request), loop).result()
        except Exception as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(answer) + "\n")


def live_as_long_as_stdin(loop, answers):
    try:
        serve_requests(loop, answers)
    finally:
        os.killpg(0, signal.SIGKILL)


# Where ministack's worker for Node Lambdas decides about HTTPS servers on loopback, and what is to be decided before.
LOOPBACK_RULE = '    const advertised = (process.env.MINISTACK_HOST || "").split(":")[0];\n'
OTHER_SERVERS = (
    "    if (options.port && ![443, msPort].includes(Number(options.port)))"
    " return origHttpsReq.apply(https, original);\n"
)


def leave_https_servers_alone():
    """ministack has Node Lambdas speak plain HTTP to every server on loopback; one that is not its own, such as a Kubernetes
    API server, is to be spoken to as it was addressed."""
    from ministack.core import lambda_runtime

    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    if LOOPBACK_RULE not in script:
        raise RuntimeError("this ministack's worker for Node Lambdas is not the one that is known here: see requirements.txt")
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(LOOPBACK_RULE, OTHER_SERVERS + LOOPBACK_RULE)


async def serve(listener, answers):
    from hypercorn.asyncio import serve as serve_asgi
    from hypercorn.config import Config
    from ministack.app import app

    leave_https_servers_alone()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    threading.Thread(target=live_as_long_as_stdin, args=(asyncio.get_running_loop(), answers), daemon=True).start()
    await serve_asgi(app, config)


def lead_a_group():
    """So that ending the group ends nobody else."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)


def main():
    lead_a_group()
    answers = answer_on_stdout()
    listener = listen_on_loopback()
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)  # read while ministack is imported
    answers.write(json.dumps({"port": port}) + "\n")
    asyncio.run(serve(listener, answers))


if __name__ == "__main__":
    main()
