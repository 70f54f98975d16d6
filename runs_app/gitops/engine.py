"""What every operation of the local adapter shares: runner, opened repositories and long-lived children."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from autopack.git.runner import GitRunner, Workplace
from runs_app.gitops.directories import DirectoryCache
from runs_app.gitops.errors import RepositoryUnusable, UnknownRevision
from runs_app.gitops.objects import Directory, LooseObject, commit_tree
from runs_app.gitops.plumbing import ChildEnded, ChildPool, GitObject, ObjectReader, ReferenceWriter
from runs_app.gitops.quarantine import Quarantines
from runs_app.gitops.repository import Repository, RepositoryCache
from runs_app.gitops.skeleton import Skeletons
from runs_app.gitops.store import write_objects
from runs_app.gitops.trees import TouchedTree
from runs_app.gitops.types import ObjectId


class GitEngine:
    """Safe between threads. `close` ends its children and removes its temporary files."""

    def __init__(self, *, executable: str, timeout_seconds: float, is_durable: bool) -> None:
        self.runner = GitRunner(executable=executable, timeout_seconds=timeout_seconds, is_durable=is_durable)
        self.skeletons = Skeletons()
        self.quarantines = Quarantines(self.skeletons)
        self.directories = DirectoryCache()
        self._repositories = RepositoryCache(self.runner)
        self._readers: ChildPool[ObjectReader] = ChildPool()
        self._writers: ChildPool[ReferenceWriter] = ChildPool()

    def close(self) -> None:
        self._readers.close()
        self._writers.close()
        self.skeletons.close()

    def open(self, path: Path) -> Repository:
        """Raises RepositoryUnusable."""
        return self._repositories.open(path)

    def skeleton(self, repository: Repository) -> Path:
        return self.skeletons.git_dir(repository.object_format)

    def object_place(self, repository: Repository) -> Workplace:
        """For commands that only read objects: the repository's own configuration does not exist there."""
        return Workplace(
            git_dir=self.skeleton(repository),
            cwd=self.skeletons.working_folder(),
            objects=repository.objects_dir,
        )

    def read(self, repository: Repository, object_ids: Sequence[str]) -> list[GitObject | None]:
        return self._readers.use(
            repository.key, lambda: self._start_reader(repository), lambda reader: reader.read(object_ids)
        )

    def size(self, repository: Repository, object_id: str) -> tuple[str, int] | None:
        """Kind and size of an object."""
        return self._readers.use(
            repository.key, lambda: self._start_reader(repository), lambda reader: reader.size(object_id)
        )

    def open_tree(self, repository: Repository, root: ObjectId, paths: Iterable[bytes]) -> TouchedTree:
        """The folders of a tree on the way to some paths. Raises RepositoryUnusable if one is missing."""
        return TouchedTree(
            root,
            paths,
            lambda tree_ids: self.read_directories(repository, tree_ids),
            repository.object_format,
        )

    def read_directories(self, repository: Repository, tree_ids: Sequence[ObjectId]) -> list[Directory]:
        """Trees that must exist. Raises RepositoryUnusable for a broken repository."""
        return self.directories.get_or_read(
            repository.key, tree_ids, lambda missing: self._read_directories(repository, missing)
        )

    def read_commit(self, repository: Repository, commit: ObjectId) -> bytes:
        """Raises UnknownRevision if there is no such commit."""
        (found,) = self.read(repository, [commit])
        if found is None or found.kind != "commit":
            raise UnknownRevision(f"{commit} is no commit of {repository.path}")
        return found.body

    def read_commit_tree(self, repository: Repository, commit: ObjectId) -> ObjectId:
        return commit_tree(self.read_commit(repository, commit))

    def write(self, repository: Repository, objects: Sequence[LooseObject]) -> None:
        """Write objects into the repository, those that others refer to first."""
        write_objects(repository, objects, is_durable=self.runner.is_durable)

    def commit_references(self, repository: Repository, commands: Sequence[str]) -> None:
        """One reference transaction. Raises ChildEnded with git's reason."""
        self._writers.use(
            repository.key,
            lambda: ReferenceWriter(self.runner, repository.workplace()),
            lambda writer: writer.commit(commands),
        )

    def _read_directories(
        self, repository: Repository, tree_ids: Sequence[ObjectId]
    ) -> dict[ObjectId, Directory]:
        try:
            found = self.read(repository, tree_ids)
        except ChildEnded as error:
            raise RepositoryUnusable("broken", f"{repository.path}: {error.stderr}") from error
        try:
            directories = {
                tree_id: Directory.parse(tree.body, len(tree_id) // 2)
                for tree_id, tree in zip(tree_ids, found, strict=True)
                if tree is not None and tree.kind == "tree"
            }
        except ValueError as error:
            raise RepositoryUnusable(
                "broken", f"{repository.path} holds a broken tree; run `git fsck` in it"
            ) from error
        if len(directories) < len(tree_ids):
            raise RepositoryUnusable(
                "broken", f"{repository.path} lacks objects of its own history; run `git fsck` in it"
            )
        return directories

    def _start_reader(self, repository: Repository) -> ObjectReader:
        return ObjectReader(self.runner, self.object_place(repository))
