"""References, settings and client uses become edges; what cannot be proven becomes unresolved."""

import re
from dataclasses import replace

from autograph.analysis import technologies
from autograph.analysis.facts import Fact, Lookup, Place, Reference, Setting, Use
from autograph.analysis.merge.configuration import SHARED_MAP, UNKNOWN, Configuration
from autograph.analysis.merge.names import plain
from autograph.analysis.merge.parts import Part, Parts
from autograph.analysis.merge.relations import Relations
from autograph.analysis.merge.targets import Address, addresses, resolve
from autograph.analysis.readers.literals import is_system
from autograph.model.architecture import Kind, Known

_NOT_A_CALL = re.compile(
    r"cors|allowed|origin|redirect|callback|advertised|listener|healthcheck|health\.|(^|[._-])image$|instance\.host|"
    r"^logging\.level|issuer|audience|^info\.|swagger|license|documentation|springdoc|homepage|contact|public_url|"
    r"external_url|launchurl|applicationurl|search-?locations|^\$schema|java_opts|java_tool",
    re.IGNORECASE,
)
_NOT_A_HOST = re.compile(
    r"application\.?name|^hostname|server\.?name|domain|name$|(^|[._-])path|namespace|jvm|profile|service-?id$|"
    r"^app$|virtual_host|^url$|schema|user$|password|secret|topic|queue$|database$|_db$|tag$|version$|group",
    re.IGNORECASE,
)
_ROUTE = re.compile(r"routes?\..*service-?id$", re.IGNORECASE)
_HOST_KEY = re.compile(
    r"(host|hostname|hosts|addr|address|url|uri|server|servers|endpoint|endpoints|broker|brokers|connection|"
    r"connect|serviceid|service-id|node|nodes|contact-?points|upstream|gateway|base|service|dsn|link|appconfig|"
    r"clusterconfig|app-config|cluster-config)s?(\[\d+\])?$",
    re.IGNORECASE,
)
_OUTSIDE_KEY = re.compile(r"(host|url|uri|endpoint|address|base|api)$", re.IGNORECASE)
_LISTS = re.compile(r"turbine\.(app-?config|aggregator\.cluster-?config)$", re.IGNORECASE)
_SCRIPT_WORD = re.compile(
    r"^--?[\w.\-]*(?:join|host|server|addr|url|broker|connect|peer)[\w.\-]*=(.*)$", re.DOTALL
)
_AUTOMATIC = re.compile(r"^spring\.?(?:data\.?)?(rabbitmq|kafka|redis|mongodb|elasticsearch)", re.IGNORECASE)
_MEMORY = ("h2", "hsqldb", "sqlite", "derby")


class Connector:
    """Works through the facts once and collects relations and what stays unresolved."""

    def __init__(self, parts: Parts, configuration: Configuration) -> None:
        self.parts = parts
        self.configuration = configuration
        self.relations = Relations()
        self.unresolved: list[tuple[str, str, str, Place]] = []
        self._clients: set[tuple[int, str]] = set()
        self._lookups: dict[tuple[int, str], list[Place]] = {}

    def connect(self, facts: list[Fact]) -> None:
        """Make every edge that the facts prove."""
        for lookup in (fact for fact in facts if isinstance(fact, Lookup)):
            owner = self.parts.owner(lookup.place.file, lookup.owner)
            if owner is not None:
                self._lookups.setdefault((id(owner), plain(lookup.key)), []).append(lookup.place)
        for use in (fact for fact in facts if isinstance(fact, Use)):
            owner = self.parts.owner(use.place.file, use.owner)
            if owner is not None:
                self._clients.add((id(owner), use.technology))
        for reference in (fact for fact in facts if isinstance(fact, Reference)):
            self._reference(reference)
        for part in list(self.parts):
            for setting in list(self.configuration.settings(part)):
                self._setting(part, setting)
        for use in (fact for fact in facts if isinstance(fact, Use)):
            self._use(use)

    def _reference(self, reference: Reference) -> None:
        owner = self.parts.owner(reference.place.file, reference.owner)
        if owner is None:
            return
        text = self.configuration.expand(owner, reference.target)
        found = list(addresses(text, bare=True))
        hit = False
        for address in found:
            target = resolve(address, self.parts, owner)
            if target is None and reference.outside:
                target = self._outside(address, reference.place, reference.name, reference.kind)
            target = target or self._store(address, reference.place)
            if target is not None:
                hit = True
                self.relations.add(
                    owner,
                    target,
                    reference.place,
                    protocol=reference.protocol,
                    label=reference.label,
                    consumes=reference.consumes,
                )
                self._support(owner, target, reference.target)
        if (
            not hit
            and not re.search(r"[{%<]", text)
            and (UNKNOWN in text or any(_private(address) for address in found))
        ):
            reason = "no value for a placeholder" if UNKNOWN in text else "no component has this name"
            self.unresolved.append((owner.name, reference.target, reason, reference.place))

    def _support(self, owner: Part, target: Part, text: str) -> None:
        relation = self.relations.between(owner, target)
        for key in re.findall(r"\$\{([\w.\-]+)", text):
            setting = self.configuration.value(owner, key)
            if relation is not None and setting is not None and setting.place not in relation.places:
                relation.places.append(setting.place)

    def _setting(self, part: Part, setting: Setting) -> None:
        listed = _LISTS.search(setting.key) is not None
        named = _NOT_A_HOST.search(setting.key) is not None and _ROUTE.search(setting.key) is None
        host_key = not named and _HOST_KEY.search(setting.key) is not None
        if _NOT_A_CALL.search(setting.key) or setting.key in {"env_file", "env_from"} or not part.name:
            return
        if not self._acts(part, setting):
            return
        text = self.configuration.expand(part, setting.value)
        if setting.key == "command":
            match = _SCRIPT_WORD.match(text)
            host_key = match is not None
            text = match.group(1) if match is not None else text
        for found in addresses(text, bare=host_key or listed):
            address = self._with_port(part, setting, found)
            target = self._target(part, setting, address)
            if target is None:
                if host_key and _private(address):
                    reason = "no component has this name"
                    self.unresolved.append((part.name, setting.value, reason, setting.place))
            elif (
                host_key or address.scheme or address.port or target.technology is not None or target.external
            ):
                self._configured(part, target, setting, address)

    def _target(self, part: Part, setting: Setting, address: Address) -> Part | None:
        target = resolve(address, self.parts, part)
        if target is None and address.here and self._has_better(part, setting):
            return None
        if target is None and _OUTSIDE_KEY.search(setting.key) and (part.language or part.traits):
            target = self._outside_setting(address, setting)
        target = target or self._store(address, setting.place)
        return self._by_key(setting) if target is None and address.here else target

    def _configured(self, part: Part, target: Part, setting: Setting, address: Address) -> None:
        self.relations.add(part, target, setting.place, protocol=_protocol(address))
        relation = self.relations.between(part, target)
        for place in self._lookups.get((id(part), plain(setting.key)), []):
            if relation is not None and place not in relation.places:
                relation.places.append(place)

    def _acts(self, part: Part, setting: Setting) -> bool:
        """Whether anything in the part reads a setting that only a framework's starter looks at."""
        if setting.owner and setting.place.rule == SHARED_MAP and part.folders:
            looked_up = (id(part), plain(setting.key)) in self._lookups
            return looked_up or setting.key.upper().startswith(("SPRING_", "MICRONAUT_", "QUARKUS_"))
        automatic = _AUTOMATIC.match(setting.key)
        if automatic is not None and setting.key[0].islower() and part.technology is None:
            return (id(part), automatic.group(1).lower()) in self._clients or automatic.group(
                1
            ).lower() == "mongodb"
        if not self.configuration.is_shared(setting):
            return True
        key = setting.key.lower()
        if key.startswith("eureka."):
            return "discovery-client" in part.traits
        if key.startswith(("security.oauth2", "spring.security")):
            return "security" in part.traits
        return True

    def _with_port(self, part: Part, setting: Setting, address: Address) -> Address:
        """A host setting's port is often the setting beside it."""
        if address.port or not address.here or not setting.key.lower().endswith("host"):
            return address
        beside = self.configuration.value(part, setting.key[:-4] + "port")
        port = self.configuration.expand(part, beside.value) if beside is not None else ""
        return replace(address, port=int(port)) if port.isdigit() and len(port) < 6 else address

    def _has_better(self, part: Part, setting: Setting) -> bool:
        """Whether another profile of the same part gives the same key a value that resolves."""
        others = [
            s
            for s in self.configuration.settings(part)
            if plain(s.key) == plain(setting.key) and s is not setting
        ]
        return any(
            resolve(address, self.parts, part) is not None
            for other in others
            for address in addresses(self.configuration.expand(part, other.value), bare=True)
        )

    def _by_key(self, setting: Setting) -> Part | None:
        known = technologies.of_key(setting.key)
        return self.parts.of_technology(known.key) if known is not None else None

    def _outside_setting(self, address: Address, setting: Setting) -> Part | None:
        mail = plain(setting.key).endswith("mailhost")
        if mail and is_system(address.host):
            return self._named_outside("Mail server", setting.place)
        git = re.search(r"config\.server\.git\.uri$", setting.key)
        if git is not None and "git" in address.host:
            host = address.host.removeprefix("www.").partition(".")[0]
            name = {"github": "GitHub repository", "gitlab": "GitLab repository"}.get(host, "Git repository")
            return self._named_outside(name, setting.place)
        if not address.scheme.startswith("http"):
            return None
        return self._outside(address, setting.place, "", None)

    def _outside(self, address: Address, place: Place, name: str, kind: Kind | None) -> Part | None:
        if not is_system(address.host):
            return None
        host = address.host.lower().removeprefix("www.")
        existing = self.parts.named(name or host, exact=True)
        return existing or self.parts.new(name or host, kind or Kind.EXTERNAL, place)

    def _named_outside(self, name: str, place: Place) -> Part:
        return self.parts.named(name, exact=True) or self.parts.new(name, Kind.EXTERNAL, place)

    def _store(self, address: Address, place: Place) -> Part | None:
        """A store or broker that only a URL speaks of."""
        known = technologies.of_scheme(address.scheme)
        if (
            known is None
            or known.kind not in technologies.BESIDE
            or any(m in address.scheme for m in _MEMORY)
        ):
            return None
        existing = [
            part for part in self.parts if (has := part.technology) is not None and has.key == known.key
        ]
        if len(existing) == 1:
            return existing[0]
        if existing:
            return None
        return self.parts.new(known.key, known.kind, place, image=known.key)

    def _use(self, use: Use) -> None:
        owner = self.parts.owner(use.place.file, use.owner)
        if owner is None or owner.technology is not None:
            return
        targets = [
            relation.target
            for relation in self.relations
            if relation.source is owner
            and (has := relation.target.technology) is not None
            and has.key == use.technology
        ]
        only = self.parts.of_technology(use.technology)
        target = targets[0] if targets else only
        if target is None and technologies.BY_KEY[use.technology].kind is Kind.EXTERNAL:
            target = self._named_outside(technologies.BY_KEY[use.technology].title, use.place)
        if target is None:
            reason = f"no {technologies.BY_KEY[use.technology].title} or more than one is declared"
            self.unresolved.append((owner.name, use.technology, reason, use.place))
            return
        relation = self.relations.between(owner, target)
        if relation is not None and use.consumes and not relation.consumes and use.place.known is Known.CODE:
            self._split(owner, target, use)
            return
        self.relations.add(owner, target, use.place, label=use.label, consumes=use.consumes)

    def _split(self, owner: Part, target: Part, use: Use) -> None:
        """A consumer that only configuration had made known is no producer."""
        relation = self.relations.between(owner, target)
        assert relation is not None
        if all(place.known is not Known.CODE for place in relation.places):
            self.relations.drop(owner, target, consumes=False)
            for place in relation.places:
                self.relations.add(owner, target, place, consumes=True)
        self.relations.add(owner, target, replace(use.place), label=use.label, consumes=True)


def _private(address: Address) -> bool:
    """A host that is neither this machine nor a name on the internet."""
    return not address.here and "." not in address.host and (bool(address.scheme) or address.port > 0)


def _protocol(address: Address) -> str:
    known = technologies.of_scheme(address.scheme)
    if known is not None:
        return known.protocol
    return "HTTP" if address.scheme.startswith("http") or not address.scheme else address.scheme
