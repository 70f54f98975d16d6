"""Catalog files in tests: texts to content and problems, as an import reads them."""

from collections.abc import Mapping
from textwrap import dedent

from autopack.yaml_reader import PlacedDocument, read_yaml
from catalog_app.interchange.checking import check_content
from catalog_app.interchange.entries import CatalogContent, EntryProblem
from catalog_app.interchange.reading import merge_contents, read_document

MISSION_STACKS = """\
profiles:
  web_fastapi_pg:
    project_types: [ "api_service", "autonomous_orchestrator" ]
    backend: fastapi
    db: postgres
    frontend: none
    preferred_repos:
      - id: autopack_core
      - id: chatbot_project_orchestrator

  fullstack_rag:
    project_types: [ "rag_app", "chatbot" ]
    backend: fastapi
    db: postgres
    vector_db: qdrant
    frontend: nextjs
    preferred_repos:
      - id: my_rag_template
      - id: open_source_rag_boilerplate
"""

MISSION_FEATURES = """\
features:
  auth_basic:
    description: Basic username/password auth with JWT
    repos:
      - id: autopack_auth_module
        repo_url: https://github.com/...
        path: auth/
        license: MIT
        quality_score: 0.9

  autonomous_build_orchestrator:
    description: Orchestrator for autonomous builds
    repos:
      - id: chatbot_project_orchestrator
        repo_url: https://github.com/...
        path: backend/orchestrator/
        license: private
        quality_score: 0.95
"""


def read_text(text: str) -> tuple[CatalogContent, list[EntryProblem], PlacedDocument]:
    """One document, read but not checked."""
    placed = read_yaml(dedent(text), max_nodes=1_000_000)
    content, problems = read_document(placed.value, document="f.yaml")
    return content, problems, placed


def read_texts(texts: Mapping[str, str]) -> CatalogContent:
    """Documents by name, which have no errors, as one."""
    contents = []
    for name, text in texts.items():
        content, problems = read_document(read_yaml(text, max_nodes=1_000_000).value, document=name)
        assert not [str(problem) for problem in problems if problem.is_error]
        contents.append(content)
    merged, problems = merge_contents(contents)
    assert not problems
    return merged


def shown(text: str, *, is_checked: bool = False) -> list[str]:
    """The problems of a text as `line:column severity code path: message; suggestion: …`."""
    content, problems, placed = read_text(text)
    if is_checked:
        problems = [*problems, *check_content(content)]
    lines = []
    for problem in problems:
        line, column = placed.place_of(problem.origin.path)
        lines.append((line, column, f"{line}:{column} {problem.severity} {problem.code} {problem}"))
    return [text for *_, text in sorted(lines)]
