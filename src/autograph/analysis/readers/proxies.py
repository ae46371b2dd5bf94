"""Reverse proxies and collectors: nginx, Apache, HAProxy, Envoy, Traefik, Logstash, Prometheus, Grafana."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Fact, Reference, Trait
from autograph.analysis.source_file import SourceFile
from autograph.model.architecture import Known

_ROUTES = (
    (
        re.compile(r"^\s*(?:proxy_pass|grpc_pass|fastcgi_pass|uwsgi_pass)\s+([^;\s]+)", re.MULTILINE),
        "nginx route",
    ),
    (re.compile(r"^\s*server\s+([\w.${}\-]+:[\w${}]+)[^;{\n]*;", re.MULTILINE), "nginx upstream"),
    (re.compile(r"^\s*ProxyPass(?:Match)?\s+\"?[^\s\"]+\"?\s+\"?([^\s\"]+)", re.MULTILINE), "Apache route"),
    (re.compile(r"^\s*BalancerMember\s+\"?([^\s\"]+)", re.MULTILINE), "Apache route"),
    (re.compile(r"^\s*server\s+\S+\s+([\w.\-]+:\d+)", re.MULTILINE), "HAProxy backend"),
    (re.compile(r"^\s*reverse_proxy\s+(?:/\S*\s+)?([\w.:/\-]+)", re.MULTILINE), "Caddy route"),
)
_LOGSTASH = re.compile(r"hosts\s*=>\s*\[?\s*\"([^\"]+)\"")
_TARGETS = re.compile(r"targets:\s*\[?\s*[\"']?([\w.\-]+:\d+)|^\s*-\s+[\"']([\w.\-]+:\d+)[\"']", re.MULTILINE)
_DATASOURCE = re.compile(r"^\s*url:\s*[\"']?(https?://[\w.\-]+(?::\d+)?)", re.MULTILINE)
_ENVOY = re.compile(
    r"^\s*address:\s*[\"']?([\w.\-${}]+)|socket_address:\s*\{\s*address:\s*([\w.\-]+)", re.MULTILINE
)
_TRAEFIK = re.compile(r"^\s*-?\s*url\s*[:=]\s*[\"']?(https?://[\w.\-]+(?::\d+)?)", re.MULTILINE)


class ProxiesReader:
    """Line patterns are enough: these formats name one upstream a line."""

    name = "proxies"

    def wants(self, file: SourceFile) -> bool:
        """Configuration files and the YAML of known proxies and collectors."""
        if file.suffix in {".conf", ".template", ".cfg", ".config"} or file.name == "Caddyfile":
            return True
        return file.suffix in {".yml", ".yaml"} and _yaml_kind(file) is not None

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """A reference for each upstream."""
        kind = _yaml_kind(file) if file.suffix in {".yml", ".yaml"} else None
        if kind is not None:
            pattern, rule, owner = kind
            for match, line in file.find(pattern):
                yield Reference(
                    _first(match), file.place(line, rule, Known.CONFIG), owner=owner, protocol="HTTP"
                )
            return
        for match, line in file.find(_LOGSTASH):
            place = file.place(line, "Logstash output", Known.CONFIG)
            yield Reference(match.group(1), place, owner="technology:logstash", protocol="HTTP")
        for pattern, rule in _ROUTES:
            for match, line in file.find(pattern):
                place = file.place(line, rule, Known.CONFIG)
                yield Trait(rule.partition(" ")[0].lower() + "-proxy", place)
                yield Reference(match.group(1), place, protocol="HTTP")


def _first(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def _yaml_kind(file: SourceFile) -> tuple[re.Pattern[str], str, str] | None:
    if "scrape_configs:" in file.text:
        return _TARGETS, "Prometheus target", "technology:prometheus"
    if "datasources:" in file.text and "url:" in file.text and "access:" in file.text:
        return _DATASOURCE, "Grafana data source", "technology:grafana"
    if "static_resources:" in file.text or "load_assignment:" in file.text:
        return _ENVOY, "Envoy cluster", ""
    if "loadBalancer:" in file.text and "routers:" in file.text:
        return _TRAEFIK, "Traefik service", "technology:traefik"
    return None
