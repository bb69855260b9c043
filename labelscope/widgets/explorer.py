"""The Explorer: one widget with the map, the worklist and the label chips of a data set.

One view a data set, because every widget on a page costs its code again. Saved with a notebook are its code, its name
and one small picture; everything bulky goes as answers to requests (:mod:`labelscope.widgets.wire`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import polars as pl
import traitlets
from msgspec import UNSET

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.errors import DataError, StageError
from labelscope.explorer.item_mask import as_mask
from labelscope.explorer.messages import ViewAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.state import State, StaticView, VersionNumbers
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.explorer.watch import Watch
from labelscope.session import Session
from labelscope.stages.cache_warmup import compute
from labelscope.stages.runner import Runner, StageRun
from labelscope.stages.table import blocked, stage_of
from labelscope.voters.judges import as_judges
from labelscope.widgets.static_picture import WIDTH
from labelscope.widgets.static_view import picture, static_view, summary
from labelscope.widgets.wire import Channel

if TYPE_CHECKING:
    from labelscope.export.page import Published
    from labelscope.issues.find import Noise

__all__ = ["Explorer", "explore"]

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
HEIGHT = 720
QUICKLY_DRAWN = 100_000  # items; for more, one picture at the end has to do, so that the view does not wait for it
IN_BACKGROUND = {
    "ask_preview",
    "attribution",
    "audit",
    "colours",
    "evidence",
    "groups",
    "grow",
    "health",
    "join",
    "join_write",
    "label_table",
    "pair_matrix",
    "picture",
    "progress",
    "relation_table",
    "raters",
    "raters_export",
    "regions",
    "rule_try",
    "rule_words",
    "rules",
    "static_view",
    "thumbnail",
}
DISPLAYED, PAINTED = 0.3, 3.0  # seconds that the stages of a large data set wait for its view: it needs the cores now
FIRST_LOOK = 1.0  # seconds that a first display waits for the map, so that a saved notebook shows it where it is quick


@checked
def explore(
    dataset: Dataset | Session, *, ledger: str | Path | None = None, reviewer: str | None = None, seed: int = 0, noise: Noise = "auto",
    model: str | None = None, encoder: Any = None, judge: Any = None, models: Mapping[str, Any] | None = None,
    name: str | None = None, height: int = HEIGHT,
) -> Explorer:  # fmt: skip
    """Open a data set in the Explorer; the stages start at once, in the background.

    Parameters
    ----------
    dataset : Dataset or Session
        A session is taken as it is, with what it has computed and its ledger.
    ledger : path or SQLAlchemy URL, optional
        Where decisions are kept. Default: beside the data.
    reviewer : str, optional
        Whose decisions these are. Default: the environment's ``LABELSCOPE_REVIEWER``, or the user's name.
    seed : int
    noise : {"auto", "both", "missing", "spurious"}
        What is known about the errors.
    model : str, optional
        Name or folder of the encoder for text or images.
    encoder : object, optional
        For embeddings that came with the data set: what made them, as for :func:`labelscope.explain`. The evidence can then
        show which words or patches matter.
    judge : callable, OpenAIJudge, or sequence of them, optional
        Who can be asked about the cells of a list, as for :func:`labelscope.judge`. Nothing is asked, and nothing is sent, before
        a person has seen what that would be and says so.
    models : mapping of str to predictions, optional
        Models that the tab "Models" compares, as for :func:`labelscope.evaluate`; they go into ``session.models``.
    name : str, optional
        Title. Default: the name of the file.
    height : int
        Pixels.

    Returns
    -------
    Explorer
        A widget: the last line of a cell shows it.

    Raises
    ------
    DataError
        If `dataset` is neither a data set nor a session, or a judge cannot be called.
    """
    if not isinstance(dataset, (Dataset, Session)):
        raise DataError(f"explore: expected a Dataset, as from labelscope.read(path, labels=...), got {type(dataset).__name__}")
    if isinstance(dataset, Session):
        session = dataset
    else:
        session = Session(dataset, ledger=ledger, reviewer=reviewer, seed=seed, noise=noise, model=model)
    session.models.update(models or {})
    return Explorer(session, encoder=encoder, judge=judge, name=name, height=height)


class Explorer(anywidget.AnyWidget):
    """The app on one session.

    Parameters
    ----------
    session : Session
    encoder : object, optional
    judge : callable, OpenAIJudge, or sequence of them, optional
    name : str, optional
    height : int
        Pixels.
    start : bool
        Run the stages at once.

    Raises
    ------
    StageError
        If the front end was not built.
    """

    _esm = traitlets.Unicode().tag(sync=True)  # the text, not the path: anywidget would keep every view alive to tell it of a new file
    _css = traitlets.Unicode().tag(sync=True)
    _title = traitlets.Unicode().tag(sync=True)
    _height = traitlets.Int(HEIGHT).tag(sync=True)
    _summary = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _poster = traitlets.Bytes().tag(sync=True)  # what is shown where no kernel answers

    @checked
    def __init__(
        self,
        session: Session,
        *,
        encoder: Any = None,
        judge: Any = None,
        name: str | None = None,
        height: int = HEIGHT,
        start: bool = True,
    ) -> None:
        if not (STATIC / "explorer.js").is_file():
            raise StageError("Explorer: expected its built front end, got none; run `pip install .` or `python extensions/build.py`")
        judges = [] if judge is None else as_judges(judge)
        source = session.dataset.source
        title = name or (source.path.name if source is not None and source.path is not None else "Data set")
        code, look = ((STATIC / f"explorer.{kind}").read_text("utf-8") for kind in ("js", "css"))
        super().__init__(_title=title, _height=height, _esm=code, _css=look)
        self.session = session
        wake = threading.Event()
        self._explored = ExplorerState(session, self._changed, encoder, wake, judges)
        self._made_with = (encoder, wake, judges)
        self._relabelling = threading.RLock()
        self._watch = Watch(self._follow, self._look, wake)
        self._runner = Runner(self._stages(), self._changed, self._between_stages)
        self._displayed, self._painted = threading.Event(), threading.Event()
        self._settled = False  # whether the first view got its chance, and earlier sessions were recalled
        self._pictured: tuple[Any, ...] = ()  # what the picture shows
        self._known = answers(self._explored, self._export)
        handlers: dict[str, Callable[[Request], Reply]] = {
            **{kind: partial(self._answer, kind) for kind in self._known},
            "open": self._on_open,
            "worklist": self._on_list,
            "leave": self._on_leave,
            "run": self._on_run,
            "cancel": self._on_cancel,
            "reconsider": self._on_reconsider,
            "groups_find": self._on_find_groups,
            "static_view": self._on_static_view,
        }
        self._channel = Channel(self._transmit, handlers, self._snapshot, background=IN_BACKGROUND)
        self.on_msg(self._receive)
        if start:
            self._runner.start()

    @property
    def dataset(self) -> Dataset:
        """The data set, with the labels as given."""
        return self.session.dataset

    @property
    def selection(self) -> pl.DataFrame:
        """The selected items (no rows without a selection). Assign item ids, a frame, a mask or None to select."""
        items = self.dataset.items
        return items.clear() if self._explored.filters.mask is None else items.filter(pl.Series(self._explored.filters.mask))

    @selection.setter
    def selection(self, items: Any) -> None:
        self._explored.filters.select(as_mask(self.dataset, items))

    def filter(self, query: str) -> pl.DataFrame:
        """Narrow the selection by a query, as typed into the app: ``app.filter('anger AND NOT annoyance')``.

        Parameters
        ----------
        query : str
            See :mod:`labelscope.query.grammar`. Assign None to :attr:`selection` to begin anew.

        Returns
        -------
        polars.DataFrame
            The items that are selected then.

        Raises
        ------
        DataError
            If the query cannot be read, or names what is not there.
        """
        self._follow()
        asked = self._explored.terms.asked(query)
        self._explored.filters.put("query", query, asked.items, asked.cells)
        return self.selection

    @property
    def decisions(self) -> pl.DataFrame:
        """Every decision in the ledger, the undone ones marked."""
        return self.session.decisions

    def export(self, path: str | Path, **options: Any) -> Any:
        """Write the table with the accepted changes, and the list of changes beside it; see :meth:`Session.export`."""
        return self.session.export(path, **options)

    def publish(self, path: str | Path, **options: Any) -> Published:
        """Write one read-only HTML file of what is here now, for readers without a kernel; see :func:`labelscope.publish`."""
        from labelscope.explorer.publish import publish

        self._explored.decisions.sync()
        return publish(self.session, path, **{"name": self._title, **options})

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the stages are over, for scripts and for notebooks that are saved with their output.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        bool
            False where the time was not enough.
        """
        return self._runner.wait(timeout)

    def close(self) -> None:
        """Stop the stages and let go of the view."""
        if hasattr(self, "_channel"):  # not where making it failed
            self._runner.cancel()
            self._explored.judges.stop()
            self._watch.close()
            self._channel.close()
        super().close()

    def __repr__(self) -> str:
        self._follow()
        return "\n".join(["labelscope Explorer", *summary(self._title, self._explored, self._trouble)])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._displayed.set()
        self._follow()
        if self._small:
            self._runner.wait(FIRST_LOOK, stage="first_map")
        live = super()._repr_mimebundle_(**kwargs)
        data, metadata = live if isinstance(live, tuple) else (live or {}, {})
        drawn = self._poster if self._poster and not self._small else self._refresh_picture()
        view = static_view(self._title, self._explored, bytes(drawn), self._trouble)
        return {**data, **view}, {**metadata, "image/png": {"width": WIDTH}}

    @property
    def _small(self) -> bool:
        """Whether the picture is drawn so fast that the view may wait for it."""
        return self.dataset.n_items <= QUICKLY_DRAWN

    @property
    def _trouble(self) -> str:
        """Why there are no suggestions, if a stage on the way failed or was not allowed."""
        on_the_way = {"predictions", "findings", "suggestions"}
        return next((report.error for report in self._runner.reports() if report.error and report.name in on_the_way), "")

    def _stages(self) -> list[StageRun]:
        """In an order that shows something early: the map by PCA, then what is wrong with the labels, then the map that takes longest."""
        takes: dict[str, Callable[[Any], object]] = {
            "first_map": self._take_first_map,
            "predictions": lambda _: self._take("predictions"),
            "findings": lambda _: self._take("findings"),
            "suggestions": self._take_suggestions,
            **({"pseudo_labels": lambda _: self._take("pseudo_labels")} if self.dataset.labels.n_unknown.any() else {}),
            "cooccurrence": self._take_cooccurrence,
            "label_relations": self._take_relations,
            "map": self._take_map,
            "health": self._take_health,
            "novel_labels": self._take_groups,
        }
        runs = [
            StageRun(stage_of(name), partial(compute, stage_of(name), self.session), take, blocked(stage_of(name), self.dataset))
            for name, take in takes.items()
        ]
        next(run for run in runs if run.spec.name == "suggestions").compute = self._suggest
        return runs

    def _between_stages(self) -> None:
        """After the first stage: let the view have the cores until its points are drawn; then look for an older audit."""
        if self._settled:
            return
        self._settled = True
        if not self._small and self._displayed.wait(DISPLAYED):
            self._painted.wait(PAINTED)
        self._explored.decisions.show_audit()

    def _suggest(self) -> Any:
        """The suggestions; anew, with what was decided since, where there were some."""
        if not self._explored.versions["worklist"]:
            return self.session.suggestions
        made = self.session.reconsider()
        self._follow_label_set()
        for name in ("predictions", "findings"):  # made anew where labels or voters have changed
            self._take(name)
        return made

    def _take_first_map(self, found: Any) -> None:
        self._explored.take_embeddings(self.session.embeddings)
        self._explored.take_map(found, "PCA")

    def _take_cooccurrence(self, found: Any) -> None:
        self._explored.take_cooccurrence(found)

    def _take_relations(self, found: Any) -> None:
        self._explored.take_relations(found)

    def _take_suggestions(self, _: Any) -> None:
        self._take("suggestions")
        if self._small or not self.session.has_map:
            self._keep_poster()

    def _take(self, name: str) -> None:
        """Show what a stage found, under the labels that there are now."""
        with self._relabelling:
            getattr(self._explored, f"take_{name}")(getattr(self.session, name))

    def _take_map(self, found: Any) -> None:
        self._explored.take_map(found, "UMAP")
        self._keep_poster()

    def _take_health(self, found: Any) -> None:
        self._explored.take_health(found)
        self._keep_poster()

    def _take_groups(self, found: Any) -> None:
        self._explored.take_novel_labels(found)
        self._keep_poster()

    def _keep_poster(self) -> None:
        try:
            self._refresh_picture()
        except Exception:  # a picture that cannot be drawn is no reason to lose what a stage found
            logger.exception("the picture of the Explorer could not be drawn")

    def _refresh_picture(self) -> bytes:
        shows = (*self._explored.versions.values(), self._trouble)
        if shows != self._pictured:
            self._poster = picture(self._title, self._explored, self._trouble)
            self._summary, self._pictured = summary(self._title, self._explored, self._trouble), shows
        return bytes(self._poster)

    def _snapshot(self) -> State:
        state = self._explored
        return State(
            stages=self._runner.reports(),
            running=self._runner.running,
            versions=VersionNumbers(**state.versions),
            method=state.results.map_method,
            n_labels=int(self.session.labels_there.sum()),
            counts=state.decisions.counts(),
            selected=state.filters.n_selected,
            filters=state.filters.chips,
            reviewer=self.session.reviewer,
            since_suggestions=state.decisions.since_suggestions.report(state.decisions.n_decided),
            asking=state.judges.report or UNSET,
        )

    def _changed(self) -> None:
        channel = getattr(self, "_channel", None)  # the board is made before the channel
        if channel is not None:
            channel.changed()

    def _transmit(self, message: dict[str, Any], buffers: Sequence[bytes | memoryview]) -> None:
        self.send(message, list(buffers))

    def _receive(self, _: Any, content: Any, buffers: Sequence[memoryview]) -> None:
        self._channel.receive(content, buffers)

    def _export(self, path: str, *, redact: bool) -> Any:
        return self.export(path, redact=redact)

    def _answer(self, kind: str, request: Request) -> Reply:
        """The answer to a request; where it changed the label set, everything is shown under the new one from then on."""
        reply = self._known[kind](request)
        self._follow_label_set()
        self._explored.groups.show()
        return reply

    def _follow(self) -> None:
        self._explored.decisions.follow()
        self._follow_label_set()
        self._explored.groups.show()

    def _look(self) -> None:
        self._explored.decisions.sync()
        self._follow_label_set()
        self._explored.groups.show()

    def _follow_label_set(self) -> None:
        """Where labels came or went: the same state under the labels that there are now."""
        with self._relabelling:
            if self._explored.label_version == self.session.label_version:
                return
            self._explored = ExplorerState(self.session, self._changed, *self._made_with, before=self._explored)
            self._known = answers(self._explored, self._export)
        for name in ("cooccurrence", "label_relations"):
            self._runner.again(name)

    def _on_open(self, request: Request) -> Reply:
        self._follow()  # from now on the watch does
        self._watch.join(request.read(ViewAsked).view)
        return self._answer("open", request)

    def _on_list(self, request: Request) -> Reply:
        self._painted.set()  # a view asks for the list once its map is drawn
        return self._answer("worklist", request)

    def _on_leave(self, request: Request) -> Reply:
        self._watch.leave(request.read(ViewAsked).view)
        return Reply()

    def _on_run(self, _: Request) -> Reply:
        self._runner.start()
        return Reply()

    def _on_reconsider(self, _: Request) -> Reply:
        self._runner.again("suggestions")
        if self.dataset.labels.n_unknown.any():
            self._runner.again("pseudo_labels")
        return Reply()

    def _on_find_groups(self, _: Request) -> Reply:
        self._runner.again("novel_labels")
        return Reply()

    def _on_static_view(self, _: Request) -> Reply:
        return Reply(StaticView(static_view(self._title, self._explored, self._refresh_picture(), self._trouble)))

    def _on_cancel(self, _: Request) -> Reply:
        self._runner.cancel()
        return Reply()
