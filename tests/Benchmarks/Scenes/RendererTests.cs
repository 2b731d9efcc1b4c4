using System.Numerics;
using KdMtlBench.Host.Benchmarks.Scenes;

namespace KdMtlBench.Tests.Benchmarks.Scenes;

public sealed class RendererTests
{
    private const int Size = 65; // odd: pixel 32 looks straight ahead
    private const int Middle = Size / 2;

    [Fact]
    public void A_sphere_ahead_is_its_distance_less_its_radius_away()
    {
        var view = Renderer.Render(TestScenes.Room(TestScenes.Ball(0.5f, TestScenes.Eye + new Vector3(3, 0, 0))), Size, Size);

        view.Depth[At(Middle, Middle)].ShouldBe(2.5f, 1e-4);
        view.Classes[At(Middle, Middle)].ShouldBe(SceneClass.Sphere);
        view.Normals[At(Middle, Middle)].ShouldBe(new Vector3(0, 0, -1));
    }

    [Fact]
    public void Camera_axes_are_right_down_and_forward()
    {
        var view = Renderer.Render(TestScenes.Room(), Size, Size);

        Seen(At(Size - 1, Middle)).ShouldBe((SceneClass.Floor, new Vector3(0, -1, 0)));
        Seen(At(0, Middle)).ShouldBe((SceneClass.Ceiling, new Vector3(0, 1, 0)));
        Seen(At(Middle, Size - 1)).ShouldBe((SceneClass.Wall, new Vector3(-1, 0, 0)));
        Seen(At(Middle, 0)).ShouldBe((SceneClass.Wall, new Vector3(1, 0, 0)));
        Seen(At(Middle, Middle)).ShouldBe((SceneClass.Wall, new Vector3(0, 0, -1)));

        (SceneClass Class, Vector3 Normal) Seen(int pixel) => (view.Classes[pixel], view.Normals[pixel]);
    }

    [Fact]
    public void Depth_is_along_the_optical_axis()
    {
        var view = Renderer.Render(TestScenes.Room(), Size, Size);

        // The far wall is at one depth; along the rays it would not be.
        view.Depth[At(Middle, Middle)].ShouldBe(5, 1e-4);
        view.Depth[At(Middle + 5, Middle - 8)].ShouldBe(5, 1e-4);

        // 90° over 65 pixels: focal 32.5 pixels. The floor is 1.5 m below, so its depth is 1.5 · 32.5 / (rows below the centre).
        for (var row = Middle + 12; row < Size; row++)
            view.Depth[At(row, Middle)].ShouldBe(1.5f * 32.5f / (row - Middle), 1e-3);
    }

    [Theory]
    [InlineData(0.4, 0, 0, 0.3894, 0, 0.9211)] // to the left: what was ahead is on the right
    [InlineData(0, 0.3, 0, 0, 0.2955, 0.9553)] // upwards: it is below
    [InlineData(0, 0, 0.5, 0, 0, 1)]
    public void A_turned_camera_sees_a_fixed_point_turned_the_other_way(double yaw, double pitch, double roll, double right, double down, double forward)
    {
        var camera = Camera.Look(Vector3.Zero, yaw, pitch, roll, 1);
        var seen = camera.Frame.FromWorld(Vector3.UnitX);

        seen.X.ShouldBe((float)right, 1e-3);
        seen.Y.ShouldBe((float)down, 1e-3);
        seen.Z.ShouldBe((float)forward, 1e-3);
        Vector3.Distance(Vector3.Cross(camera.Frame.X, camera.Frame.Y), camera.Frame.Z).ShouldBeLessThan(1e-6f);
    }

    [Fact]
    public void A_camera_rolled_clockwise_sees_the_floor_turn_anticlockwise()
    {
        var camera = Camera.Look(Vector3.Zero, 0, 0, roll: 0.1, 1);

        camera.Frame.FromWorld(-Vector3.UnitZ).X.ShouldBeGreaterThan(0.09f); // down in the world is to the right in the image
    }

    [Fact]
    public void Normals_are_unit_and_face_the_camera()
    {
        for (var sample = 0; sample < 20; sample++)
        {
            var view = Renderer.Render(SceneGenerator.Draw(new SceneRandom(5, 1, sample)), 24, 32);
            for (var pixel = 0; pixel < view.Depth.Length; pixel++)
            {
                view.Normals[pixel].Length().ShouldBe(1, 1e-4);
                Vector3.Dot(view.Normals[pixel], view.Ray(pixel / 32 + 0.5f, pixel % 32 + 0.5f)).ShouldBeLessThan(1e-4f);
            }
        }
    }

    [Fact]
    public void Normals_agree_with_differences_of_back_projected_points()
    {
        var scene = SceneGenerator.Draw(new SceneRandom(5, 0, 3));
        var view = Renderer.Render(scene, 96, 128);
        var compared = 0;
        for (var row = 1; row < view.Height - 1; row++)
        {
            for (var column = 1; column < view.Width - 1; column++)
            {
                if (!IsPlanar(view, row, column))
                    continue;
                var across = Point(view, row, column + 1) - Point(view, row, column - 1);
                var downwards = Point(view, row + 1, column) - Point(view, row - 1, column);
                var normal = Vector3.Normalize(Vector3.Cross(downwards, across)); // towards the camera: y × x = −z
                Vector3.Dot(normal, view.Normals[row * view.Width + column]).ShouldBeGreaterThan(0.999f);
                compared++;
            }
        }

        compared.ShouldBeGreaterThan(view.Depth.Length / 2);
    }

    [Fact]
    public void An_object_between_light_and_floor_casts_a_shadow()
    {
        var open = Renderer.Render(TestScenes.Room(), Size, Size);
        var shaded = Renderer.Render(TestScenes.Room(TestScenes.Ball(0.3f, new Vector3(3, 2, 2.2f))), Size, Size);
        var below = At(Middle + 24, Middle); // the floor 2.03 m ahead, under light and ball

        shaded.Classes[below].ShouldBe(SceneClass.Floor);
        shaded.Radiance[below].ShouldBe(0.5f * 0.2f, 1e-5); // albedo times ambient
        open.Radiance[below].ShouldBeGreaterThan(1.2f * shaded.Radiance[below]);
    }

    [Fact]
    public void Light_falls_off_by_lamberts_law()
    {
        var view = Renderer.Render(TestScenes.Room(), Size, Size);

        // The far wall straight ahead: the light at (3, 2, 2.8) is 3 m before it and 1.3 m higher.
        var squared = 3 * 3 + 1.3 * 1.3;
        var expected = 0.5 * (0.2 + 3 / Math.Sqrt(squared) / (squared + 1));
        view.Radiance[At(Middle, Middle)].ShouldBe((float)expected, 2e-4);
    }

    [Fact]
    public void A_pixel_on_the_border_of_two_classes_is_void()
    {
        var view = Renderer.Render(TestScenes.Room(TestScenes.Ball(0.5f, TestScenes.Eye + new Vector3(3, 0, 0))), Size, Size);
        var row = Enumerable.Range(0, Size).Select(column => view.Classes[At(Middle, column)]).ToArray();
        var runs = row.Where((shown, i) => i == 0 || row[i - 1] != shown);

        runs.ShouldBe([SceneClass.Wall, SceneClass.Void, SceneClass.Sphere, SceneClass.Void, SceneClass.Wall]);
        row.Count(shown => shown == SceneClass.Void).ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public void Nothing_to_see_is_void_dark_and_infinitely_far()
    {
        var nothing = TestScenes.Room() with { Room = [] };
        var view = Renderer.Render(nothing, 16, 16);

        view.Classes.ShouldAllBe(shown => shown == SceneClass.Void);
        view.Depth.ShouldAllBe(depth => float.IsPositiveInfinity(depth));
        view.Normals.ShouldAllBe(normal => normal == Vector3.Zero);
        view.Radiance.ShouldAllBe(value => value == 0);
    }

    private static int At(int row, int column) => row * Size + column;

    private static Vector3 Point(View view, int row, int column) =>
        view.Depth[row * view.Width + column] * view.Ray(row + 0.5f, column + 0.5f);

    /// <summary>Inverse depth is linear in the image where the pixel and its neighbours show one plane.</summary>
    private static bool IsPlanar(View view, int row, int column)
    {
        return IsLinear(0, 1) && IsLinear(1, 0);

        bool IsLinear(int down, int right) =>
            MathF.Abs(Inverse(row + down, column + right) + Inverse(row - down, column - right) - 2 * Inverse(row, column)) < 1e-5f;

        float Inverse(int r, int c) => 1 / view.Depth[r * view.Width + c];
    }
}
