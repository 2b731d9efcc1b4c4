using System.Numerics;
using KdMtlBench.Host.Benchmarks.Scenes;

namespace KdMtlBench.Tests.Benchmarks.Scenes;

public sealed class SceneGeneratorTests
{
    private static readonly Scene[] Scenes = [.. Enumerable.Range(0, 400).Select(i => SceneGenerator.Draw(new SceneRandom(3, 0, i)))];

    [Fact]
    public void Three_to_seven_objects_of_every_class_and_number()
    {
        Scenes.Select(scene => scene.Objects.Count).Distinct().Order().ShouldBe([3, 4, 5, 6, 7]);
        Scenes.SelectMany(scene => scene.Objects).Select(body => body.Class).Distinct().Order()
            .ShouldBe([SceneClass.Box, SceneClass.Sphere, SceneClass.Cylinder, SceneClass.Cone]);
        Scenes.ShouldContain(scene => scene.Lights.Count == 1);
        Scenes.ShouldContain(scene => scene.Lights.Count == 2);
    }

    [Fact]
    public void Every_frame_is_a_rotation()
    {
        foreach (var frame in Scenes.SelectMany(scene => scene.Objects.Select(body => body.Frame).Append(scene.Camera.Frame)))
        {
            frame.X.Length().ShouldBe(1, 1e-5);
            Vector3.Dot(frame.X, frame.Y).ShouldBe(0, 1e-5);
            Vector3.Distance(Vector3.Cross(frame.X, frame.Y), frame.Z).ShouldBeLessThan(1e-5f);
        }
    }

    [Fact]
    public void Objects_are_inside_the_room_and_away_from_the_camera()
    {
        foreach (var scene in Scenes)
        {
            foreach (var body in scene.Objects)
            {
                foreach (var side in scene.Room.Select(side => (HalfSpace)side.Shape))
                    (Vector3.Dot(body.Position, side.Normal) - Reach(body, -side.Normal)).ShouldBeGreaterThan(side.Offset - 1e-3f);
                Apart(body.Position, scene.Camera.Position).ShouldBeGreaterThan(0.7f + Footprint(body) - 1e-3f);
            }
        }
    }

    [Fact]
    public void Every_object_stands_on_the_floor_or_on_another()
    {
        var stacked = 0;
        foreach (var scene in Scenes)
        {
            foreach (var body in scene.Objects)
            {
                var below = scene.Objects.Where(other => other != body && Apart(other.Position, body.Position) < 1e-3f).Select(Top).Append(0);
                below.Min(top => MathF.Abs(top - Bottom(body))).ShouldBeLessThan(1e-3f);
                stacked += Bottom(body) > 0.01f ? 1 : 0;
            }
        }

        stacked.ShouldBeInRange(100, 800); // of about 2000
    }

    [Fact]
    public void No_two_objects_share_a_place()
    {
        foreach (var scene in Scenes)
        {
            foreach (var body in scene.Objects)
            {
                scene.Objects.ShouldAllBe(other => other == body
                    || Apart(body.Position, other.Position) > Footprint(body) + Footprint(other) - 1e-3f
                    || Bottom(body) > Top(other) - 1e-3f || Bottom(other) > Top(body) - 1e-3f);
            }
        }
    }

    [Fact]
    public void Another_seed_split_or_sample_is_another_scene()
    {
        var random = new[] { (3, 0, 0), (4, 0, 0), (3, 1, 0), (3, 0, 1), (0, 3, 0), (0, 0, 3) }
            .Select(key => SceneGenerator.Draw(new SceneRandom(key.Item1, key.Item2, key.Item3)).Camera.Position);

        random.Distinct().Count().ShouldBe(6);
    }

    private static float Top(Body body) => body.Position.Z + Reach(body, Vector3.UnitZ);

    private static float Bottom(Body body) => body.Position.Z - Reach(body, -Vector3.UnitZ);

    /// <summary>As seen from above.</summary>
    private static float Apart(Vector3 one, Vector3 other) => new Vector2(one.X - other.X, one.Y - other.Y).Length();

    private static float Footprint(Body body) => Enumerable.Range(0, 72).Max(i =>
        Reach(body, new Vector3(MathF.Cos(i * MathF.Tau / 72), MathF.Sin(i * MathF.Tau / 72), 0)));

    /// <summary>How far the body reaches from its origin in a direction.</summary>
    private static float Reach(Body body, Vector3 direction)
    {
        var local = body.Frame.FromWorld(direction);
        var round = new Vector2(local.X, local.Y).Length();
        return body.Shape switch
        {
            Box box => Vector3.Dot(Vector3.Abs(local), box.Half),
            Sphere sphere => sphere.Radius,
            Cylinder cylinder => cylinder.Radius * round + cylinder.HalfHeight * MathF.Abs(local.Z),
            Cone cone => MathF.Max(cone.HalfHeight * local.Z, cone.Radius * round - cone.HalfHeight * local.Z),
            _ => throw new NotSupportedException(),
        };
    }
}
