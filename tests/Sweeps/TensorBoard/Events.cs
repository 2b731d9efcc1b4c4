using System.Buffers.Binary;
using Tensorboard;

namespace KdMtlBench.Tests.Sweeps.TensorBoard;

/// <summary>Reads event files by other means than they are written by: messages with the classes that protoc made of
/// TensorFlow's event.proto (TorchSharp brings them), checksums with a bit-by-bit CRC.</summary>
internal static class Events
{
    public static IReadOnlyList<Event> Read(string path)
    {
        var events = new List<Event>();
        using var reader = new BinaryReader(File.OpenRead(path));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var length = reader.ReadBytes(8);
            reader.ReadUInt32().ShouldBe(Masked(length));
            var data = reader.ReadBytes((int)BinaryPrimitives.ReadUInt64LittleEndian(length));
            reader.ReadUInt32().ShouldBe(Masked(data));
            events.Add(Event.Parser.ParseFrom(data));
        }

        return events;
    }

    public static IReadOnlyDictionary<string, float> Scalars(this Event record) => record.Summary.Value.ToDictionary(value => value.Tag, value => value.SimpleValue);

    private static uint Masked(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0x82F63B78;
        }

        crc = ~crc;
        return unchecked((crc >> 15 | crc << 17) + 0xA282EAD8);
    }
}
