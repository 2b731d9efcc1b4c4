using System.Globalization;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Training;

namespace KdMtlBench.Host.Sweeps;

/// <summary>A composition and the settings of it that are to be tried.</summary>
internal sealed record TunedComposition(Tuning Tuning, IReadOnlyList<IReadOnlyList<Component>> Trials, Place Place);
