"""The options of every command that talks to a server elsewhere, and the service they name."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.login import POD_TOKEN, Iap, Login, context, secret
from pipeline.kubeflow.remote.service import Service
from pipeline.kubeflow.remote.web import HERE, Web, checked_host

_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class UsageError(RemoteError):
    """A mistake in the command line, or a secret that cannot be read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the server is, who asks, and how it is trusted."""
    parser.add_argument(
        "--target",
        choices=("oss", "vertex"),
        default="oss",
        help="open-source Kubeflow Pipelines (default) or Vertex AI",
    )
    parser.add_argument(
        "--host",
        help="Kubeflow Pipelines' API, e.g. http://localhost:8888 (else $KF_PIPELINES_ENDPOINT); "
        "for Vertex another endpoint than the region's",
    )
    parser.add_argument(
        "--namespace",
        help="yours, where Kubeflow keeps users apart (else $KFP_NAMESPACE); single-user "
        "installations need none",
    )
    parser.add_argument(
        "--request-timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="that the server may be silent (default: 60)",
    )
    login = parser.add_argument_group(
        "login", "secrets are better given as @FILE or in the environment: others see command lines"
    )
    login.add_argument(
        "--existing-token", metavar="TOKEN|@FILE", help="bearer token (else $KFP_EXISTING_TOKEN)"
    )
    login.add_argument(
        "--token-file",
        metavar="FILE",
        help="bearer token that is renewed, read for each request, as a service account's "
        f"(else $KF_PIPELINES_SA_TOKEN_PATH, in a pod {POD_TOKEN})",
    )
    login.add_argument(
        "--cookies",
        metavar="COOKIES|@FILE",
        help="of a session behind Dex, e.g. authservice_session=… (else $KFP_COOKIES)",
    )
    login.add_argument(
        "--iap-client-id",
        help="OAuth client of Google's Identity-Aware Proxy (else "
        "$KF_PIPELINES_IAP_OAUTH2_CLIENT_ID); "
        "a service account's key is taken from $GOOGLE_APPLICATION_CREDENTIALS",
    )
    login.add_argument(
        "--other-client-id",
        help="your own OAuth client, for a user's login at IAP (else "
        "$KF_PIPELINES_APP_OAUTH2_CLIENT_ID)",
    )
    login.add_argument(
        "--other-client-secret",
        metavar="SECRET|@FILE",
        help="its secret (else $KF_PIPELINES_APP_OAUTH2_CLIENT_SECRET)",
    )
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--ssl-ca-cert", metavar="FILE", help="authority that signed the certificate")
    tls.add_argument(
        "--skip-tls-verify", action="store_true", help="trust any certificate, whoever answers"
    )
    vertex = parser.add_argument_group("Vertex AI")
    vertex.add_argument("--project", help="else $GOOGLE_CLOUD_PROJECT")
    vertex.add_argument("--region", help="e.g. us-central1 (else $GOOGLE_CLOUD_REGION)")
    vertex.add_argument("--logging-host", help=argparse.SUPPRESS)


def connect(options: argparse.Namespace) -> Service:
    """The service that the options name; nothing is asked yet.

    Raises:
      UsageError: options are missing or do not go together, or a secret cannot be read.
    """
    try:
        return _vertex(options) if options.target == "vertex" else _kubeflow(options)
    except RemoteError as error:
        raise UsageError(str(error)) from error


def _kubeflow(options: argparse.Namespace) -> Service:
    from pipeline.kubeflow.remote.kfp import KubeflowPipelines

    _refuse(options, "vertex", ("project", "region"))
    given = (
        options.host or os.environ.get("KF_PIPELINES_ENDPOINT") or os.environ.get("KFP_ENDPOINT")
    )
    in_pod = _POD_NAMESPACE.exists()
    if not given and in_pod:
        given = "http://ml-pipeline.kubeflow.svc.cluster.local:8888"
    if not given:
        raise UsageError(
            "--host is missing: name the API, e.g. http://localhost:8888 after `kubectl "
            "port-forward --namespace kubeflow svc/ml-pipeline 8888`, or set KF_PIPELINES_ENDPOINT."
        )
    host = checked_host(given)
    kept = context()
    login = _login(options, kept, in_pod)
    if login.given and host.startswith("http://") and urlsplit(host).hostname not in HERE:
        _warn(f"The login goes to {short(host)} unencrypted; use https:// where the host has it.")
    web = Web(host, login, verify=_verify(options), timeout=options.request_timeout)
    namespace = (
        options.namespace
        or os.environ.get("KFP_NAMESPACE")
        or kept.get("namespace")
        or (_POD_NAMESPACE.read_text().strip() if in_pod else None)
    )
    return KubeflowPipelines(web, namespace)


def _vertex(options: argparse.Namespace) -> Service:
    from pipeline.kubeflow.remote.vertex import Vertex

    kubeflow_only = ("namespace", "token_file", "cookies", "iap_client_id", "ssl_ca_cert")
    _refuse(options, "oss", (*kubeflow_only, "skip_tls_verify"))
    project = options.project or os.environ.get("GOOGLE_CLOUD_PROJECT")
    region = options.region or os.environ.get("GOOGLE_CLOUD_REGION")
    if not project or not region:
        missing = "project" if not project else "region"
        raise UsageError(
            f"--{missing} is missing: --target vertex runs in one region of a project; name it, or"
            f" set GOOGLE_CLOUD_{missing.upper()}."
        )
    return Vertex(
        project,
        region,
        token=secret(
            options.existing_token or os.environ.get("KFP_EXISTING_TOKEN"), "--existing-token"
        ),
        host=checked_host(options.host) if options.host else None,
        logging_host=options.logging_host,
        timeout=options.request_timeout,
    )


def _login(options: argparse.Namespace, kept: object, in_pod: bool) -> Login:
    environment = os.environ
    iap_id = (
        options.iap_client_id
        or environment.get("KF_PIPELINES_IAP_OAUTH2_CLIENT_ID")
        or environment.get("KFP_IAP_CLIENT_ID")
    )
    iap = iap_id and Iap(
        iap_id,
        options.other_client_id or environment.get("KF_PIPELINES_APP_OAUTH2_CLIENT_ID"),
        secret(
            options.other_client_secret or environment.get("KF_PIPELINES_APP_OAUTH2_CLIENT_SECRET"),
            "--other-client-secret",
        ),
    )
    kept = kept if isinstance(kept, dict) else {}
    name, value = (
        kept.get("client_authentication_header_name"),
        kept.get("client_authentication_header_value"),
    )
    file = options.token_file or environment.get("KF_PIPELINES_SA_TOKEN_PATH")
    if not file and in_pod and os.path.exists(POD_TOKEN):
        file = POD_TOKEN
    made = Login(
        token=secret(
            options.existing_token or environment.get("KFP_EXISTING_TOKEN") or None,
            "--existing-token",
        ),
        token_file=file,
        cookies=secret(
            options.cookies
            or environment.get("KFP_COOKIES")
            or kept.get("client_authentication_cookie"),
            "--cookies",
        ),
        header=(str(name), str(value)) if name and value else None,
        iap=iap or None,
    )
    if file:
        made.headers("")  # A file that is not there is a mistake of the command line.
    return made


def _verify(options: argparse.Namespace) -> bool | str:
    if options.skip_tls_verify:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        _warn(
            "--skip-tls-verify: whoever answers is believed, and gets the login; name the "
            "authority with --ssl-ca-cert instead."
        )
        return False
    if options.ssl_ca_cert and not os.path.isfile(options.ssl_ca_cert):
        raise UsageError(f"--ssl-ca-cert {short(options.ssl_ca_cert)} is no file.")
    return options.ssl_ca_cert or True


def _refuse(options: argparse.Namespace, target: str, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(options, name):
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} is for --target {target} only; leave it out.")


def _warn(text: str) -> None:
    print(f"Warning: {text}", file=sys.stderr)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0.1 <= found <= 86400 * 30:
        raise argparse.ArgumentTypeError(f"{short(text)!r} must be seconds, from 0.1 on")
    return found


seconds = _seconds
