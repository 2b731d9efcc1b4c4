using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>Draws a random room: its size, its camera, its surfaces, its lights and three to seven objects before the
/// camera. Surfaces are drawn alike for all classes, so that neither colour nor texture tells the class.</summary>
internal sealed class SceneGenerator
{
    private const float SmallestFootprint = 0.1f;
    private const float LargestFootprint = 0.6f;

    /// <summary>Free floor between the camera and an object, in metres.</summary>
    private const float CameraClearance = 0.7f;

    private readonly SceneRandom _random;
    private readonly Vector3 _room;
    private readonly Vector3 _eye;
    private readonly double _yaw;
    private readonly double _fieldOfView;
    private readonly List<Texture> _textures = [];
    private readonly List<Placed> _placed = [];
    private readonly List<Body> _objects = [];

    private SceneGenerator(SceneRandom random)
    {
        _random = random;
        _room = new Vector3(random.Uniform(3, 7), random.Uniform(3.5f, 10), random.Uniform(2.3f, 3.4f));
        Vector3 target;
        do
        {
            _eye = new Vector3(Inside(_room.X, 0.4f), Inside(_room.Y, 0.4f), random.Uniform(0.8f, 1.9f));
            target = new Vector3(Inside(_room.X, 0), Inside(_room.Y, 0), _eye.Z);
        }
        while (Vector3.Distance(_eye, target) < 0.4f * new Vector2(_room.X, _room.Y).Length());
        _yaw = Math.Atan2(target.Y - _eye.Y, target.X - _eye.X);
        _fieldOfView = Radians(52, 72);
    }

    public static Scene Draw(SceneRandom random) => new SceneGenerator(random).Draw();

    private Scene Draw()
    {
        var camera = Camera.Look(_eye, _yaw, Radians(-22, 8), Radians(-6, 6), _fieldOfView);
        var room = DrawRoom();
        var lights = Enumerable.Range(0, 1 + _random.Integer(2)).Select(_ => DrawLight()).ToArray();
        var count = 3 + _random.Integer(5);
        while (_placed.Count < count)
            Place();
        return new Scene(camera, room, _objects, lights, _random.Uniform(0.15f, 0.45f));
    }

    private Body[] DrawRoom()
    {
        var wall = DrawTexture();
        var ownWalls = _random.Chance(0.3f);
        return
        [
            Side(new HalfSpace(Vector3.UnitZ, 0), DrawTexture(), SceneClass.Floor),
            Side(new HalfSpace(-Vector3.UnitZ, -_room.Z), DrawTexture(), SceneClass.Ceiling),
            Side(new HalfSpace(Vector3.UnitX, 0), wall, SceneClass.Wall),
            Side(new HalfSpace(-Vector3.UnitX, -_room.X), ownWalls ? DrawTexture() : wall, SceneClass.Wall),
            Side(new HalfSpace(Vector3.UnitY, 0), ownWalls ? DrawTexture() : wall, SceneClass.Wall),
            Side(new HalfSpace(-Vector3.UnitY, -_room.Y), ownWalls ? DrawTexture() : wall, SceneClass.Wall),
        ];

        static Body Side(HalfSpace side, Texture texture, SceneClass shown) => new(side, Vector3.Zero, Frame.World, texture, shown);
    }

    private Light DrawLight()
    {
        var position = new Vector3(Inside(_room.X, 0.4f), Inside(_room.Y, 0.4f), _room.Z * _random.Uniform(0.55f, 0.95f));
        return new Light(position, _random.Uniform(3, 9) * _random.Vector(0.8f, 1));
    }

    /// <summary>Puts one more object on the floor or on another; smaller with every try that finds no room.</summary>
    private void Place()
    {
        var footprint = LargestFootprint * MathF.Sqrt(_random.Uniform(0.06f, 1));
        while (!TryPlace(footprint))
            footprint = MathF.Max(SmallestFootprint, 0.93f * footprint);
    }

    private bool TryPlace(float footprint)
    {
        var pedestal = _random.Chance(0.25f) ? Pedestal() : null;
        if (pedestal is not null)
            footprint = MathF.Min(footprint, 0.95f * pedestal.Solid.TopRadius);
        var spot = pedestal?.Spot ?? Spot();
        var solid = DrawSolid(footprint);
        var placed = new Placed(solid, spot, pedestal?.Top ?? 0);
        if (placed.Top > _room.Z || (pedestal is null && !IsFree(spot, footprint)))
            return false;
        _placed.Add(placed);
        _objects.Add(Stand(placed));
        return true;
    }

    private Placed? Pedestal() => _placed.Find(p =>
        p.Solid.TopRadius > SmallestFootprint && p.Top < 0.5f * _room.Z && !_placed.Exists(other => other.Spot == p.Spot && other.Bottom > p.Bottom));

    /// <summary>On the floor, before the camera.</summary>
    private Vector2 Spot()
    {
        var bearing = _yaw + _fieldOfView * _random.Uniform(-0.45f, 0.45f);
        var direction = new Vector2((float)Math.Cos(bearing), (float)Math.Sin(bearing));
        var reach = MathF.Min(Reach(_eye.X, direction.X, _room.X), Reach(_eye.Y, direction.Y, _room.Y));
        return new Vector2(_eye.X, _eye.Y) + _random.Uniform(CameraClearance, MathF.Max(CameraClearance, reach)) * direction;

        static float Reach(float from, float direction, float size) => (direction > 0 ? size - from : -from) / direction;
    }

    private bool IsFree(Vector2 spot, float footprint) =>
        spot.X > footprint && spot.X < _room.X - footprint && spot.Y > footprint && spot.Y < _room.Y - footprint
        && Vector2.Distance(spot, new Vector2(_eye.X, _eye.Y)) > footprint + CameraClearance
        && _placed.TrueForAll(p => Vector2.Distance(spot, p.Spot) > footprint + p.Solid.Footprint);

    /// <summary>An object of any class that fits on a disc.</summary>
    private Solid DrawSolid(float footprint)
    {
        var share = Radians(25, 65);
        var (a, b) = (footprint * (float)Math.Cos(share), footprint * (float)Math.Sin(share));
        var height = footprint * _random.Uniform(0.5f, 1.6f);
        return _random.Pick([SceneClass.Box, SceneClass.Sphere, SceneClass.Cylinder, SceneClass.Cone]) switch
        {
            SceneClass.Box => new Solid(new Box(new Vector3(a, b, height)), SceneClass.Box, footprint, height, MathF.Min(a, b)),
            SceneClass.Sphere => new Solid(new Sphere(footprint), SceneClass.Sphere, footprint, footprint),
            SceneClass.Cone => new Solid(new Cone(footprint, height), SceneClass.Cone, footprint, height),
            _ when _random.Chance(0.35f) => new Solid(new Cylinder(a, b), SceneClass.Cylinder, footprint, a, Lying: true),
            _ => new Solid(new Cylinder(footprint, height), SceneClass.Cylinder, footprint, height, footprint),
        };
    }

    private Body Stand(Placed placed)
    {
        var heading = Radians(0, 360);
        var along = new Vector3((float)Math.Cos(heading), (float)Math.Sin(heading), 0);
        var across = new Vector3(-along.Y, along.X, 0);
        var frame = placed.Solid.Lying ? new Frame(Vector3.UnitZ, -across, along) : new Frame(along, across, Vector3.UnitZ);
        var position = new Vector3(placed.Spot, placed.Bottom + placed.Solid.HalfHeight);
        return new Body(placed.Solid.Shape, position, frame, DrawTexture(), placed.Solid.Class);
    }

    /// <summary>A new one, or now and then one that the scene has already.</summary>
    private Texture DrawTexture()
    {
        if (_textures.Count > 0 && _random.Chance(0.15f))
            return _random.Pick(_textures);
        var (first, second) = (DrawColour(), DrawColour());
        var (period, shift) = (_random.Uniform(0.15f, 0.7f), _random.Vector(0, 1));
        if (_random.Chance(0.4f)) // a quiet pattern
            second = Vector3.Lerp(first, second, 0.25f);
        Texture texture = _random.Integer(5) switch
        {
            0 => new Noise(first, second, period, shift),
            1 => new Checker(first, second, period, shift),
            2 => new Stripes(first, second, period, shift, Vector3.Normalize(_random.Vector(-1, 1)), _random.Uniform(0.2f, 0.8f)),
            3 => new Bricks(first, second, period, shift),
            _ => new Dots(first, second, period, shift),
        };
        _textures.Add(texture);
        return texture;
    }

    /// <summary>Linear RGB: a random hue, from grey to saturated, from dark to bright.</summary>
    private Vector3 DrawColour()
    {
        var hue = _random.Vector(0.1f, 1);
        var grey = new Vector3(Vector3.Dot(hue, Vector3.One) / 3);
        var seen = Vector3.Lerp(hue, grey, 0.8f * _random.Uniform()) * _random.Uniform(0.6f, 1);
        return seen * seen; // the camera's gamma is 2
    }

    /// <summary>Along one side of the room, at least the margin from both walls.</summary>
    private float Inside(float size, float margin) => _random.Uniform(margin, size - margin);

    private double Radians(float lowDegrees, float highDegrees) => _random.Uniform(lowDegrees, highDegrees) * Math.PI / 180;

    /// <param name="Shape">Upright, unless lying.</param>
    /// <param name="Class">Of the shape.</param>
    /// <param name="Footprint">Radius of a disc that holds it, seen from above.</param>
    /// <param name="HalfHeight">As it stands or lies.</param>
    /// <param name="TopRadius">Of a disc on top that can carry another; 0 for none.</param>
    /// <param name="Lying">Its axis is level.</param>
    private sealed record Solid(Shape Shape, SceneClass Class, float Footprint, float HalfHeight, float TopRadius = 0, bool Lying = false);

    private sealed record Placed(Solid Solid, Vector2 Spot, float Bottom)
    {
        public float Top => Bottom + 2 * Solid.HalfHeight;
    }
}
