using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Toy;

/// <summary>A function of the plane as a task: the prediction is the point, [batch, 2], and its loss the function there.</summary>
internal sealed class PlaneObjective(string id, Func<Tensor, Tensor> function) : LearningTask(id, TaskKind.Objective, 2)
{
    public override IReadOnlyList<Metric> Metrics { get; } =
        [new("value", "", HigherIsBetter: false) { Ideal = null }, new("x1", "", HigherIsBetter: false, Scored: false), new("x2", "", HigherIsBetter: false, Scored: false)];

    public override Tensor Loss(Tensor prediction, Tensor target) => function(prediction).mean();

    public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) =>
        throw new InvalidOperationException($"the objective `{Id}` has no target that another could stand for");

    public override Measurement Measure(Device device) => new LastPoint(function);

    /// <summary>The function and the place of the point that was seen last.</summary>
    private sealed class LastPoint(Func<Tensor, Tensor> function) : Measurement
    {
        private Tensor? _values;

        public override void Add(Tensor prediction, Tensor target)
        {
            _values?.Dispose();
            _values = cat([function(prediction).narrow(0, -1, 1), prediction.select(0, -1)]).DetachFromDisposeScope();
        }

        public override IReadOnlyList<double> Values()
        {
            using var scope = NewDisposeScope();
            return [.. _values!.to(ScalarType.Float64).cpu().data<double>()];
        }

        protected override void Dispose(bool disposing) => _values?.Dispose();
    }
}
