"""A real RTSP server for the tests, with a moving ball at /cam.

Runs under the system's Python, which has the GStreamer bindings:
    /usr/bin/python3 rtsp_server.py [--transport tcp|udp] [--user NAME --password WORD]
It prints its port once it listens.
"""

import argparse
from typing import Any

import gi  # type: ignore[import-not-found]  # of the system's Python

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402  the versions have to be chosen first

PICTURE = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1"
ENCODED = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 pt=96"
TRANSPORTS = {
    "both": GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP,
    "tcp": GstRtsp.RTSPLowerTrans.TCP,
    "udp": GstRtsp.RTSPLowerTrans.UDP,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=TRANSPORTS, default="both")
    parser.add_argument("--user")
    parser.add_argument("--password")
    wanted = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {PICTURE} ! {ENCODED} )")
    factory.set_shared(True)
    factory.set_protocols(TRANSPORTS[wanted.transport])
    if wanted.user:
        protect(server, factory, wanted.user, wanted.password)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def protect(server: Any, factory: Any, user: str, password: str) -> None:
    """Let only this user in, by digest."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role("viewer", GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)


main()
