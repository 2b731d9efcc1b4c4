using System.Globalization;
using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>A composition and the settings of it that are to be tried.</summary>
internal sealed record TunedComposition(Tuning Tuning, IReadOnlyList<IReadOnlyList<Component>> Trials, Place Place);
