"""Mermaid's colours, light and dark: those of the page and of architecture pictures."""

from autograph.export.drawing.palette import THEMES, ThemeName, mix
from autograph.model.architecture import Kind

_SERIES = (
    Kind.SERVICE,
    Kind.DATABASE,
    Kind.QUEUE,
    Kind.GATEWAY,
    Kind.FRONTEND,
    Kind.CACHE,
    Kind.EXTERNAL,
    Kind.OBSERVABILITY,
)


def variables(theme: ThemeName) -> dict[str, str]:
    """Return Mermaid's ``themeVariables``."""
    t = THEMES[theme]
    accent = t.kinds[Kind.SERVICE]
    surface, border = mix(accent, t.card, t.tint), mix(accent, t.canvas, 0.55)
    note = mix(t.kinds[Kind.QUEUE], t.card, 0.14)
    series = [t.kinds[kind] for kind in _SERIES]
    soft = [mix(colour, t.card, 0.2 if theme == "light" else 0.3) for colour in series]
    found = {
        "background": t.canvas,
        "primaryColor": surface,
        "primaryTextColor": t.text,
        "primaryBorderColor": border,
        "secondaryColor": t.groups[0],
        "secondaryTextColor": t.text,
        "secondaryBorderColor": t.border,
        "tertiaryColor": t.groups[1],
        "tertiaryTextColor": t.text,
        "tertiaryBorderColor": t.border,
        "mainBkg": surface,
        "nodeBorder": border,
        "nodeTextColor": t.text,
        "textColor": t.text,
        "titleColor": t.text,
        "lineColor": t.line,
        "arrowheadColor": t.line,
        "defaultLinkColor": t.line,
        "edgeLabelBackground": t.canvas,
        "clusterBkg": t.groups[0],
        "clusterBorder": t.group_border,
        "noteBkgColor": note,
        "noteTextColor": t.text,
        "noteBorderColor": mix(t.kinds[Kind.QUEUE], t.canvas, 0.5),
        "actorBkg": surface,
        "actorBorder": border,
        "actorTextColor": t.text,
        "actorLineColor": t.border,
        "signalColor": t.line,
        "signalTextColor": t.text,
        "labelBoxBkgColor": t.groups[1],
        "labelBoxBorderColor": t.border,
        "labelTextColor": t.text,
        "loopTextColor": t.text,
        "activationBkgColor": t.groups[2],
        "activationBorderColor": t.border,
        "sequenceNumberColor": t.canvas,
        "labelColor": t.text,
        "altBackground": t.groups[1],
        "attributeBackgroundColorOdd": t.card,
        "attributeBackgroundColorEven": t.groups[0],
        "rowOdd": t.card,
        "rowEven": t.groups[0],
        "classText": t.text,
        "errorBkgColor": t.groups[0],
        "errorTextColor": t.text,
        "sectionBkgColor": t.groups[1],
        "sectionBkgColor2": t.groups[0],
        "altSectionBkgColor": t.card,
        "gridColor": t.border,
        "taskBkgColor": surface,
        "taskBorderColor": border,
        "taskTextColor": t.text,
        "taskTextLightColor": t.text,
        "taskTextDarkColor": t.text,
        "taskTextOutsideColor": t.text,
        "activeTaskBkgColor": soft[1],
        "activeTaskBorderColor": series[1],
        "doneTaskBkgColor": t.groups[2],
        "doneTaskBorderColor": t.border,
        "critBkgColor": soft[5],
        "critBorderColor": series[5],
        "todayLineColor": series[5],
        "pieTitleTextColor": t.text,
        "pieSectionTextColor": t.text,
        "pieLegendTextColor": t.text,
        "pieStrokeColor": t.canvas,
        "pieOuterStrokeColor": t.border,
        "pieOpacity": "1",
        "transitionColor": t.line,
        "transitionLabelColor": t.text,
        "stateBkg": surface,
        "stateLabelColor": t.text,
        "compositeBackground": t.groups[0],
        "compositeTitleBackground": t.groups[1],
        "personBkg": surface,
        "personBorder": border,
        "git0": series[0],
        "relationColor": t.line,
        "relationLabelBackground": t.canvas,
        "relationLabelColor": t.text,
        "requirementBackground": surface,
        "requirementBorderColor": border,
        "requirementTextColor": t.text,
    }
    for number in range(12):
        colour, fill = series[number % len(series)], soft[number % len(soft)]
        found[f"pie{number + 1}"] = fill
        found[f"cScale{number}"] = fill
        found[f"cScaleLabel{number}"] = t.text
        found[f"cScalePeer{number}"] = colour
    for number in range(8):
        found[f"fillType{number}"] = soft[number]
        found[f"git{number}"] = series[number]
        found[f"gitBranchLabel{number}"] = t.canvas
    return found
