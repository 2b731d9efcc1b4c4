using System.Numerics;
using KdMtlBench.Host.Benchmarks.Scenes;

namespace KdMtlBench.Tests.Benchmarks.Scenes;

/// <summary>Scenes built by hand: a level camera 1.5 m above the floor that looks along x with a field of view of 90°.</summary>
internal static class TestScenes
{
    public static Texture Grey { get; } = new Noise(new Vector3(0.5f), new Vector3(0.5f), 1, Vector3.Zero);

    public static Vector3 Eye { get; } = new(1, 2, 1.5f);

    /// <summary>6 m long, 4 m wide, 3 m high; the far wall is 5 m ahead.</summary>
    public static Scene Room(params Body[] objects) => new(
        Camera.Look(Eye, yaw: 0, pitch: 0, roll: 0, fieldOfView: Math.PI / 2),
        [
            Side(Vector3.UnitZ, 0, SceneClass.Floor),
            Side(-Vector3.UnitZ, -3, SceneClass.Ceiling),
            Side(Vector3.UnitX, 0, SceneClass.Wall),
            Side(-Vector3.UnitX, -6, SceneClass.Wall),
            Side(Vector3.UnitY, 0, SceneClass.Wall),
            Side(-Vector3.UnitY, -4, SceneClass.Wall),
        ],
        objects,
        [new Light(new Vector3(3, 2, 2.8f), Vector3.One)],
        Ambient: 0.2f);

    public static Body Ball(float radius, Vector3 position) => new(new Sphere(radius), position, Frame.World, Grey, SceneClass.Sphere);

    private static Body Side(Vector3 normal, float offset, SceneClass shown) => new(new HalfSpace(normal, offset), Vector3.Zero, Frame.World, Grey, shown);
}
