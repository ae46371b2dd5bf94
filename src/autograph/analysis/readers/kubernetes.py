"""Kubernetes manifests, plain and in Helm charts: workloads, services, configuration, ingresses."""

import re
from collections.abc import Iterator

from autograph.analysis import yaml_lines
from autograph.analysis.facts import Component, Fact, Place, Setting, Trait
from autograph.analysis.source_file import SourceFile
from autograph.analysis.yaml_lines import Text, Value, mapping, scalar, sequence
from autograph.model.architecture import Kind, Known

_SHAPE = re.compile(r"^\s*kind:\s*\"?(\w+)", re.MULTILINE)
_WORKLOADS = frozenset(
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "Pod",
        "ReplicationController",
        "DeploymentConfig",
    }
)
_KINDS = _WORKLOADS | {"Service", "ConfigMap", "Ingress", "List"}
_CONTROL = re.compile(
    r"^\s*\{\{-?\s*(?:if|else|end|range|with|define|include|template|toYaml|/\*|\$|tpl)[^\n]*$", re.MULTILINE
)
_VALUE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_WORD = re.compile(r"\.Values\.([\w.]+)")
_DEFAULT = re.compile(r"default\s+\"([^\"]+)\"")


class KubernetesReader:
    """Manifests as they stand; templates of Helm charts with their values' names in place of values."""

    name = "kubernetes"

    def wants(self, file: SourceFile) -> bool:
        """YAML with `apiVersion` and a kind that runs or configures something."""
        if file.suffix not in {".yml", ".yaml", ".tpl"} or "apiVersion" not in file.text:
            return False
        return any(match.group(1) in _KINDS for match in _SHAPE.finditer(file.text))

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Components, settings and references of every document."""
        templated = "{{" in file.text
        try:
            documents = yaml_lines.documents(_plain(file.text)) if templated else yaml_lines.parsed(file)
        except yaml_lines.BrokenYamlError:
            if templated:
                return
            raise
        for document in documents:
            items = sequence(mapping(document).get(Text("items")))
            for item in items or [document]:
                yield from _object(file, mapping(item))


def _plain(text: str) -> str:
    """A Helm template with control lines blanked and each value replaced by what can be known of it."""

    def known(match: re.Match[str]) -> str:
        expression = match.group(1)
        default = _DEFAULT.search(expression)
        if default is not None:
            return default.group(1)
        value = _WORD.search(expression)
        parts = value.group(1).split(".") if value is not None else []
        return parts[-2] if len(parts) > 1 and parts[-1] == "name" else "templated"

    return _VALUE.sub(known, _CONTROL.sub("", text))


def _object(file: SourceFile, body: dict[Text, Value]) -> Iterator[Fact]:
    kind = scalar(body.get(Text("kind")))
    label = mapping(body.get(Text("metadata"))).get(Text("name"))
    if kind not in _KINDS or not isinstance(label, Text):
        return
    if "templated" in label:
        chart = file.path.rpartition("/templates/")[0].rpartition("/")[2]
        label = Text.at(chart, label.line)
        if not chart:
            return
    spec = mapping(body.get(Text("spec")))
    if kind in _WORKLOADS:
        yield from _workload(file, label, spec if kind != "Pod" else {Text("template"): dict(body)})
    elif kind == "Service":
        yield from _service(file, label, spec)
    else:
        yield from _other(file, kind, label, body)


def _other(file: SourceFile, kind: str, label: Text, body: dict[Text, Value]) -> Iterator[Fact]:
    if kind == "ConfigMap":
        for key, value in mapping(body.get(Text("data"))).items():
            if isinstance(value, Text) and len(value) < 2000:
                yield Setting(str(key), value, _place(file, key), owner=f"configmap:{label}")
    elif kind == "Ingress":
        for path, value in yaml_lines.flattened(mapping(body.get(Text("spec")))):
            if path.endswith(("service.name", "serviceName")):
                yield Trait("exposed", _place(file, value, "Kubernetes Ingress"), owner=str(value))


def _place(file: SourceFile, value: object, rule: str = "Kubernetes environment") -> Place:
    return file.place(yaml_lines.line_of(value), rule, Known.CONFIG)


def _workload(file: SourceFile, label: Text, spec: dict[Text, Value]) -> Iterator[Fact]:
    template = mapping(spec.get(Text("template")))
    labels = mapping(mapping(template.get(Text("metadata"))).get(Text("labels")))
    pod = mapping(template.get(Text("spec")))
    containers = [mapping(entry) for entry in sequence(pod.get(Text("containers")))]
    images = [image for image in (scalar(entry.get(Text("image"))) for entry in containers) if image]
    ports = [
        (0, int(number))
        for entry in containers
        for port in sequence(entry.get(Text("ports")))
        if (number := scalar(mapping(port).get(Text("containerPort")))).isdigit() and len(number) < 6
    ]
    yield Component(
        name=str(label),
        place=file.place(
            label.line, "Helm template" if "{{" in file.text else "Kubernetes workload", Known.DECLARED
        ),
        image=images[0] if images else "",
        aliases=tuple(f"label:{key}={value}" for key, value in labels.items() if isinstance(value, Text)),
        ports=tuple(ports),
        deployed=True,
    )
    for container in [*containers, *(mapping(entry) for entry in sequence(pod.get(Text("initContainers"))))]:
        yield from _environment(file, str(label), container)


def _environment(file: SourceFile, owner: str, container: dict[Text, Value]) -> Iterator[Fact]:
    for entry in sequence(container.get(Text("env"))):
        variable = mapping(entry)
        key, value = variable.get(Text("name")), variable.get(Text("value"))
        if isinstance(key, Text) and isinstance(value, Text):
            yield Setting(str(key), value, _place(file, value), owner=owner)
        reference = mapping(mapping(variable.get(Text("valueFrom"))).get(Text("configMapKeyRef")))
        chosen = reference.get(Text("key"))
        if isinstance(key, Text) and isinstance(chosen, Text):
            source = f"configmap:{scalar(reference.get(Text('name')))}#{chosen}"
            yield Setting(str(key), source, _place(file, key), owner=owner)
    for entry in sequence(container.get(Text("envFrom"))):
        name = mapping(mapping(entry).get(Text("configMapRef"))).get(Text("name"))
        if isinstance(name, Text):
            yield Setting("env_from", f"configmap:{name}", _place(file, name), owner=owner)
    for field in ("command", "args"):
        for word in sequence(container.get(Text(field))):
            if isinstance(word, Text):
                yield Setting("command", word, _place(file, word, "Kubernetes command"), owner=owner)


def _service(file: SourceFile, label: Text, spec: dict[Text, Value]) -> Iterator[Fact]:
    selector = tuple(
        f"label:{key}={value}"
        for key, value in mapping(spec.get(Text("selector"))).items()
        if isinstance(value, Text)
    )
    published = scalar(spec.get(Text("type"))) in {"LoadBalancer", "NodePort"}
    ports = [
        (int(number) if published else 0, int(number))
        for port in sequence(spec.get(Text("ports")))
        if (number := scalar(mapping(port).get(Text("port")))).isdigit() and len(number) < 6
    ]
    external = spec.get(Text("externalName"))
    place = file.place(label.line, "Kubernetes Service", Known.DECLARED)
    kind = Kind.EXTERNAL if external is not None else None
    yield Component(name=str(label), place=place, kind=kind, aliases=selector, ports=tuple(ports))
