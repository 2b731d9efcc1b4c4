using System.Buffers.Binary;
using System.Text;
using KdMtlBench.Host.Sweeps.TensorBoard;

namespace KdMtlBench.Tests.Sweeps.TensorBoard;

public class EventFileTests
{
    /// <summary>RFC 3720, B.4, and the check value of the CRC catalogue, each masked as the record format says.</summary>
    [Theory]
    [InlineData("00000000000000000000000000000000" + "00000000000000000000000000000000", 0x8A9136AA)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" + "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43)]
    [InlineData("000102030405060708090A0B0C0D0E0F" + "101112131415161718191A1B1C1D1E1F", 0x46DD794E)]
    [InlineData("313233343536373839", 0xE3069283)]
    public void Checksums_are_those_of_the_standards(string bytes, uint crc) =>
        EventFile.MaskedCrc(Convert.FromHexString(bytes)).ShouldBe(unchecked((crc >> 15 | crc << 17) + 0xA282EAD8));

    /// <summary>Every byte, laid out by hand from the format's description.</summary>
    [Fact]
    public void A_record_is_framed_and_encoded_as_the_format_says()
    {
        var record = EventFile.Scalars(DateTimeOffset.UnixEpoch.AddSeconds(1.5), 300, [("a/b", 2)]);
        byte[] message =
        [
            0x09, .. BitConverter.GetBytes(1.5),
            0x10, 0xAC, 0x02,
            0x2A, 12,
            0x0A, 10, 0x0A, 3, .. Encoding.ASCII.GetBytes("a/b"), 0x15, .. BitConverter.GetBytes(2f),
        ];
        record[12..^4].ShouldBe(message);
        BinaryPrimitives.ReadUInt64LittleEndian(record).ShouldBe((ulong)message.Length);
    }
}
