using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace KdMtlBench.Host.Runs;

/// <summary>Options that every strategy takes beside its own. Defaults are as in the papers; where authors' code does otherwise,
/// the strategy's remarks say so.</summary>
public sealed record HostOptions
{
    [Description("maximum gradient norm, as in torch.nn.utils.clip_grad_norm_; by default no clipping"), Range(1e-9, 1e9)]
    public double? ClipNorm { get; init; }

    [Description("what clip-norm clips: the gradient of the shared parameters, or of all the network's")]
    public ClippedPart Clip { get; init; }

    [Description("gradient strategies only: multiplies the direction by the number of tasks, the scale of summed losses")]
    public bool TimesTasks { get; init; }

    [Description("gradient strategies that apply weights only: heads' gradients are multiplied by them as well")]
    public bool WeightedHeads { get; init; }

    [Description("parameters of the strategy's own follow the network's learning-rate schedule")]
    public bool FollowSchedule { get; init; }
}

public enum ClippedPart
{
    Shared,
    All,
}
