"""Reading projects and keys. What an actor may not see does not exist for it (404, never 403)."""

from autopack.actors import Actor
from autopack.errors import NotFound, Refused, WrongState
from autopack.models import Project
from autopack.models.projects import ProjectQuerySet


def list_projects(actor: Actor) -> ProjectQuerySet:
    """Projects the actor sees, active or not, by id."""
    return Project.objects.visible_to(actor.project_ids)


def get_project(actor: Actor, project_id: str) -> Project:
    """Raises NotFound (`unknown_project`)."""
    project = list_projects(actor).filter(project_id=project_id).first()
    if project is None:
        raise NotFound(f"There is no project {project_id!r}.", code="unknown_project")
    return project


def get_project_for_run(actor: Actor, project_id: str = "") -> Project:
    """The project a run starts in: the named one, else the only active one that the actor sees.

    Raises NotFound (`unknown_project`), WrongState (`project_inactive`), Refused (`no_project`, or
    `project_required` with the list of projects).
    """
    if project_id:
        project = get_project(actor, project_id)
        if not project.is_active:
            raise WrongState(
                f"Project {project_id!r} is not active.",
                code="project_inactive",
                state="inactive",
                allowed=["activate the project, or start the run in another one"],
            )
        return project
    candidates = list(list_projects(actor).active())
    if not candidates:
        raise Refused(
            "There is no active project. Add one to autopack.yaml or in the admin.", code="no_project"
        )
    if len(candidates) > 1:
        known = [project.project_id for project in candidates]
        raise Refused(
            f"Say in which project to start the run; there are {', '.join(known)}.",
            code="project_required",
            projects=known,
        )
    return candidates[0]
