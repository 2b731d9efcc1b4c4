using KdMtlBench.Host.Models;
using KdMtlBench.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Models;

public sealed class SegNetHeadTests : TensorTest
{
    [Theory]
    [InlineData(6, 1)]
    [InlineData(6, 6)]
    [InlineData(3, 7)]
    public void Two_layers_computed_as_one_give_what_they_give_one_after_the_other(long channels, int outputs)
    {
        var layers = SegNetHead.Layers(channels, outputs);
        foreach (var parameter in layers.parameters())
            _ = nn.init.normal_(parameter);
        layers.to(ScalarType.Float64);
        var weight = randn(2, outputs, 5, 4, dtype: ScalarType.Float64);
        var map = randn(2, channels, 5, 4, dtype: ScalarType.Float64).requires_grad_();
        List<Tensor> inputs = [map, .. layers.parameters()];

        var asOne = SegNetHead.Apply(layers, map);
        var inTurn = ((Conv2d)layers[1]).forward(((Conv2d)layers[0]).forward(map));

        asOne.allclose(inTurn, 1e-10, 1e-10).ShouldBeTrue();
        foreach (var (gradient, expected) in autograd.grad([(asOne * weight).sum()], inputs).Zip(autograd.grad([(inTurn * weight).sum()], inputs)))
            gradient.allclose(expected, 1e-10, 1e-10).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void In_bfloat16_the_convolution_has_an_even_number_of_outputs_and_its_result_those_asked_for(int outputs)
    {
        var layers = SegNetHead.Layers(8, outputs);
        var map = randn(2, 8, 5, 4);
        var expected = SegNetHead.Apply(layers, map);
        layers.to(ScalarType.BFloat16);
        var result = SegNetHead.Apply(layers, map.to(ScalarType.BFloat16));
        result.shape.ShouldBe(expected.shape);
        (result.stride(1) == 1 ? result.stride(3) : result.stride(0) / 20).ShouldBe(outputs + (outputs % 2)); // what it is cut from
        ((result.to(ScalarType.Float32) - expected).norm() / expected.norm()).item<float>().ShouldBeLessThan(0.03f);
    }
}
