"""Edges that frameworks imply: discovery, configuration, dashboards, default routes, people."""

import re

from autograph.analysis.facts import Place
from autograph.analysis.merge.configuration import Configuration
from autograph.analysis.merge.connections import Connector
from autograph.analysis.merge.names import plain
from autograph.analysis.merge.parts import Part, Parts
from autograph.model.architecture import Kind, Known

_KINDS = (
    ("discovery-server", Kind.DISCOVERY),
    ("config-server", Kind.CONFIG),
    ("auth-server", Kind.AUTH),
    ("tracing-server", Kind.OBSERVABILITY),
    ("admin-server", Kind.OBSERVABILITY),
    ("zuul", Kind.GATEWAY),
    ("gateway", Kind.GATEWAY),
    ("turbine", Kind.OBSERVABILITY),
    ("hystrix-dashboard", Kind.OBSERVABILITY),
)
_FRONTEND_WORDS = ("frontend", "webapp", "webui", "website", "storefront", "webapplication")


def kind_of(part: Part) -> Kind:
    """What a part is, from its traits, its product and, last, its name."""
    told = next((kind for trait, kind in _KINDS if trait in part.traits), part.kind)
    if told is not None:
        return told
    technology = part.technology
    if technology is not None:
        return technology.kind
    return _kind_by_name(part)


def _kind_by_name(part: Part) -> Kind:
    name = plain(part.name)
    words = set(re.split(r"[^a-z0-9]+", part.name.lower()))
    if any(word in name for word in _FRONTEND_WORDS) or words & {"web", "ui", "spa", "portal", "front"}:
        return Kind.FRONTEND
    if any(word in name for word in ("loadgen", "loadtest", "locust")):
        return Kind.LOADGEN
    if words & {"db", "database", "postgresql", "mongo", "sql"}:
        return Kind.DATABASE
    if "gateway" in name or name.endswith("bff") or any(trait.endswith("-proxy") for trait in part.traits):
        return Kind.GATEWAY
    return Kind.SERVICE


def imply(connector: Connector) -> None:
    """Add the edges that traits imply, each with the line of the trait."""
    parts, configuration = connector.parts, connector.configuration
    _discover(connector, parts, configuration)
    _configure(connector, parts, configuration)
    _monitor(connector, parts)
    _route(connector, parts, configuration)
    _ship_logs(connector, parts, configuration)
    _default_peers(connector, parts)


def _default_peers(connector: Connector, parts: Parts) -> None:
    """Kibana reads the Elasticsearch beside it unless it is told otherwise."""
    kibana, store = parts.of_technology("kibana"), parts.of_technology("elasticsearch")
    if kibana is not None and store is not None and connector.relations.between(kibana, store) is None:
        place = _inferred(kibana.places[0], "Kibana's default store")
        connector.relations.add(kibana, store, place, protocol="HTTP")


def _off(configuration: Configuration, part: Part, *keys: str) -> bool:
    values = [configuration.value(part, key) for key in keys]
    return any(setting is not None and setting.value.lower() == "false" for setting in values)


def _discover(connector: Connector, parts: Parts, configuration: Configuration) -> None:
    servers = parts.with_trait("discovery-server") or [p for p in parts if kind_of(p) is Kind.DISCOVERY]
    if len(servers) != 1:
        return
    for part in parts.with_trait("discovery-client"):
        if part is servers[0] or _off(
            configuration, part, "eureka.client.enabled", "spring.cloud.discovery.enabled"
        ):
            continue
        for place in part.trait_places["discovery-client"]:
            connector.relations.add(part, servers[0], place, protocol="HTTP", label="register")


def _configure(connector: Connector, parts: Parts, configuration: Configuration) -> None:
    servers = parts.with_trait("config-server")
    if len(servers) != 1:
        return
    for part in parts.with_trait("config-client"):
        if part is not servers[0] and not _off(configuration, part, "spring.cloud.config.enabled"):
            for place in part.trait_places["config-client"]:
                connector.relations.add(part, servers[0], place, protocol="HTTP", label="configuration")


def _monitor(connector: Connector, parts: Parts) -> None:
    turbines, dashboards = parts.with_trait("turbine"), parts.with_trait("hystrix-dashboard")
    for turbine in turbines if len(turbines) == 1 else ():
        for dashboard in dashboards if len(dashboards) == 1 else ():
            place = _inferred(turbine.traits["turbine"], "Turbine feeds the Hystrix dashboard")
            connector.relations.add(turbine, dashboard, place, protocol="HTTP", label="hystrix stream")
    admins = parts.with_trait("admin-server")
    for admin in admins if len(admins) == 1 else ():
        for part in parts.with_trait("admin-client"):
            connector.relations.add(
                part, admin, part.traits["admin-client"], protocol="HTTP", label="register"
            )


def _inferred(place: Place, rule: str) -> Place:
    return Place(place.file, place.line, rule, Known.INFERRED)


def _route(connector: Connector, parts: Parts, configuration: Configuration) -> None:
    """A Zuul proxy without routes of its own forwards to every registered service."""
    for gateway in parts.with_trait("zuul"):
        keys = {plain(setting.key) for setting in configuration.settings(gateway)}
        if any(key.startswith("zuulroutes") or key == "zuulignoredservices" for key in keys):
            continue
        for part in parts.with_trait("discovery-client"):
            if part is not gateway and kind_of(part) is Kind.SERVICE:
                place = _inferred(gateway.traits["zuul"], "Zuul forwards to every registered service")
                connector.relations.add(gateway, part, place, protocol="HTTP")


def _ship_logs(connector: Connector, parts: Parts, configuration: Configuration) -> None:
    """A log driver that sends to a port which a collector publishes."""
    for part in parts:
        for setting in configuration.settings(part):
            if not setting.key.startswith("logging.") or not setting.key.endswith("-address"):
                continue
            port = setting.value.rpartition(":")[2]
            target = parts.at_port(int(port)) if port.isdigit() and len(port) < 6 else None
            if target is not None:
                connector.relations.add(part, target, setting.place, protocol="syslog", label="logs")


def people(connector: Connector) -> None:
    """A user in front of the frontends, or of the gateways where there are none."""
    parts = [part for part in connector.parts if not part.external]
    called = {
        id(relation.target) for relation in connector.relations if kind_of(relation.source) is Kind.GATEWAY
    }
    doors = [p for p in parts if kind_of(p) is Kind.FRONTEND and p.kind is not Kind.EXTERNAL]
    fronted = {
        id(r.target) for r in connector.relations if kind_of(r.source) in {Kind.GATEWAY, Kind.FRONTEND}
    }
    doors = [p for p in doors if id(p) not in fronted] or doors
    doors = doors or [p for p in parts if kind_of(p) is Kind.GATEWAY and id(p) not in called]
    doors = doors or [p for p in parts if "exposed" in p.traits]
    if not doors or any(kind_of(part) is Kind.USER for part in parts):
        return
    user = connector.parts.new("User", Kind.USER, doors[0].places[0])
    for door in doors:
        place = door.traits.get("exposed", door.places[0])
        known = Known.DECLARED if any(outer for outer, _ in door.ports) else Known.INFERRED
        connector.relations.add(
            user, door, Place(place.file, place.line, "people use it", known), protocol="HTTP"
        )
