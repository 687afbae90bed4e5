using CsCheck;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class JuteTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 40];

    private static readonly Gen<Stat> Stats = Gen.Select(
        Gen.Long.Array[7],
        Gen.Int.Array[5],
        (l, i) => new Stat(l[0], l[1], l[2], l[3], i[0], i[1], i[2], l[4], i[3], i[4], l[5]));

    [Fact]
    public void Primitives_come_back_as_written() =>
        Gen.Select(Gen.Int, Gen.Long, Gen.Bool, Text.Null(), Gen.Byte.Array[0, 40], Gen.Byte).Sample((i, l, flag, text, bytes, single) =>
        {
            var reader = new JuteReader(Written(w =>
            {
                w.WriteInt32(i);
                w.WriteInt64(l);
                w.WriteBool(flag);
                w.WriteString(text);
                w.WriteBuffer(bytes);
                w.WriteNullBuffer();
                w.WriteByte(single);
            }));
            Assert.Equal(i, reader.ReadInt32());
            Assert.Equal(l, reader.ReadInt64());
            Assert.Equal(flag, reader.ReadBool());
            Assert.Equal(text, reader.ReadString());
            Assert.Equal(bytes, reader.ReadBuffer());
            Assert.Null(reader.ReadBuffer());
            Assert.Equal(single, reader.ReadByte());
            Assert.Equal(0, reader.Remaining);
        });

    [Fact]
    public void Records_come_back_as_written() =>
        Gen.Select(Stats, Text, Gen.Byte.Array[0, 40], Gen.Int, Text.List[0, 5]).Sample((stat, path, data, number, paths) =>
        {
            var acl = new Acl(AclPermissions.Read, "digest", path);
            var reader = new JuteReader(Written(w =>
            {
                StatRecord.Write(w, stat);
                new CreateRecord(path, data, [acl, acl], number).Write(w);
                new SetDataRecord(path, data, number).Write(w);
                new WatcherEventRecord(number, 3, path).Write(w);
                new MultiHeader(OpCode.Check, Done: false, number).Write(w);
                new SetWatchesRecord(stat.Czxid, paths, [], [path], paths, []).Write(w, withPersistent: true);
            }));
            Assert.Equal(stat, StatRecord.Read(ref reader));
            var create = CreateRecord.Read(ref reader);
            Assert.Equal((path, number), (create.Path, create.Flags));
            Assert.Equal(data, create.Data.ToArray());
            Assert.Equal([acl, acl], create.Acl);
            var set = SetDataRecord.Read(ref reader);
            Assert.Equal((path, number), (set.Path, set.Version));
            Assert.Equal(new WatcherEventRecord(number, 3, path), WatcherEventRecord.Read(ref reader));
            Assert.Equal(new MultiHeader(OpCode.Check, Done: false, number), MultiHeader.Read(ref reader));
            var watches = SetWatchesRecord.Read(ref reader, withPersistent: true);
            Assert.Equal(paths, watches.Data);
            Assert.Equal([path], watches.Child);
            Assert.Equal(paths, watches.Persistent);
            Assert.Equal(0, reader.Remaining);
        });

    [Fact]
    public void A_record_cut_short_anywhere_is_refused() =>
        Gen.Select(Text, Gen.Byte.Array[1, 20], Gen.Int[0, 1000]).Sample((path, data, at) =>
        {
            var whole = Written(w => new CreateRecord(path, data, Acl.OpenToWorld, 0).Write(w));
            var cut = whole[..(at % whole.Length)];
            Assert.Throws<JuteException>(() =>
            {
                var reader = new JuteReader(cut);
                CreateRecord.Read(ref reader);
            });
        });

    [Fact]
    public void No_bytes_make_the_reader_fail_in_another_way_or_allocate_what_is_not_there() =>
        Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            try
            {
                var reader = new JuteReader(bytes);
                reader.ReadStrings();
                SetWatchesRecord.Read(ref reader, withPersistent: true);
            }
            catch (JuteException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        });

    [Fact]
    public void A_count_that_cannot_fit_is_refused_before_anything_is_allocated()
    {
        var bytes = Written(w => w.WriteInt32(int.MaxValue));

        Assert.Throws<JuteException>(() =>
        {
            var reader = new JuteReader(bytes);
            reader.ReadStrings();
        });
    }

    [Fact]
    public void An_abandoned_frame_leaves_no_byte()
    {
        var writer = new FrameWriter(8);
        writer.BeginFrame();
        writer.WriteInt32(1);
        Assert.Equal(4, writer.EndFrame());
        writer.BeginFrame();
        writer.WriteString("gone");
        writer.AbandonFrame();

        Assert.Equal([0, 0, 0, 4, 0, 0, 0, 1], writer.Written.ToArray());
    }

    private static byte[] Written(Action<FrameWriter> write)
    {
        var writer = new FrameWriter(4);
        write(writer);
        return writer.Written.ToArray();
    }
}
