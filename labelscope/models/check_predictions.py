"""The predictions that belong to a data set: those given, checked, or new ones."""

from __future__ import annotations

from labelscope.data.dataset import Dataset
from labelscope.errors import StageError
from labelscope.models.predict import Predictions, predict

__all__ = ["predictions_of"]


def predictions_of(dataset: Dataset, predictions: Predictions | None) -> Predictions:
    """`predictions` if they are of this data set's shape, or ``predict(dataset)`` for None.

    Raises
    ------
    StageError
        If they are no predictions or of another shape, or nothing can be predicted.
    """
    if predictions is None:
        return predict(dataset)
    if not isinstance(predictions, Predictions):
        raise StageError(f"predictions: expected what predict returns, got {type(predictions).__name__}; give arrays to the Dataset")
    if predictions.cell_probabilities.shape != dataset.labels.shape:
        raise StageError(
            f"predictions: expected shape {dataset.labels.shape}, got {predictions.cell_probabilities.shape}; predict this data set"
        )
    return predictions
