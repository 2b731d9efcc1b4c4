using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace KdMtlBench.Host.Sweeps.TensorBoard;

/// <summary>A file of scalars that TensorBoard reads: TFRecords, each with one <c>Event</c> message.</summary>
/// <remarks>
/// A record is its length (uint64), a checksum of that, the message, and a checksum of that: CRC-32C, rotated and shifted
/// by the format's constant, all little-endian. Messages are protocol buffers; of the fields of <c>Event</c> only the four
/// that a scalar needs are written.
/// </remarks>
internal static class EventFile
{
    /// <summary>TensorBoard takes for an event file what has «tfevents» in its name.</summary>
    public const string Name = "events.out.tfevents.kdmtl";

    private const string Version = "brain.Event:2";

    // Field numbers of Event, Summary and Summary.Value, as event.proto and summary.proto have them.
    private const int EventWallTime = 1, EventStep = 2, EventFileVersion = 3, EventSummary = 5;
    private const int SummaryValue = 1;
    private const int ValueTag = 1, ValueSimple = 2;

    /// <summary>What the file begins with.</summary>
    public static byte[] Start(DateTimeOffset time) => Record(new Message()
        .Double(EventWallTime, Seconds(time))
        .Bytes(EventFileVersion, Encoding.UTF8.GetBytes(Version)));

    /// <summary>The scalars of one step, by tag.</summary>
    public static byte[] Scalars(DateTimeOffset time, long step, IEnumerable<(string Tag, double Value)> scalars) => Record(new Message()
        .Double(EventWallTime, Seconds(time))
        .Number(EventStep, step)
        .Bytes(EventSummary, scalars.Aggregate(new Message(), (summary, scalar) => summary.Bytes(SummaryValue, new Message()
            .Bytes(ValueTag, Encoding.UTF8.GetBytes(scalar.Tag))
            .Float(ValueSimple, (float)scalar.Value)
            .ToArray())).ToArray()));

    /// <summary>The checksum of a record's length or data.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    private static double Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static byte[] Record(Message message)
    {
        var data = message.ToArray();
        var record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc(record.AsSpan(0, sizeof(ulong))));
        data.CopyTo(record, sizeof(ulong) + sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), MaskedCrc(data));
        return record;
    }

    /// <summary>A protocol-buffers message: fields, each with its number and how it is laid out.</summary>
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public Message Double(int field, double value) => Key(field, 1).Raw(BitConverter.GetBytes(value));

        public Message Float(int field, float value) => Key(field, 5).Raw(BitConverter.GetBytes(value));

        public Message Number(int field, long value) => Key(field, 0).Varint((ulong)value);

        public Message Bytes(int field, byte[] value) => Key(field, 2).Varint((ulong)value.Length).Raw(value);

        public byte[] ToArray() => _bytes.ToArray();

        private Message Key(int field, int layout) => Varint((ulong)(field << 3 | layout));

        private Message Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _bytes.WriteByte((byte)(value | 0x80));
            _bytes.WriteByte((byte)value);
            return this;
        }

        private Message Raw(byte[] value)
        {
            _bytes.Write(value);
            return this;
        }
    }
}
