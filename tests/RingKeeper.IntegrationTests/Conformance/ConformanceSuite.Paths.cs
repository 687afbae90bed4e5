using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.IntegrationTests.Conformance;

public abstract partial class ConformanceSuite
{
    public static TheoryData<string> NamesRefused => new(
        "a/", "/", "/a", "a//b", ".", "..", "./a", "../a", "a/.", "a/..", "a\0b", "\u0001", "\u001f", "\u007f", "\u0085", "\u009f", "\ue000", "\uf8ff", "\ufff0", "\uffff");

    public static TheoryData<string> NamesAllowed => new(
        " ", "a b", "é", "日本", "\u00a0", "\u2028", "\u3000", "\ud7ff", "\uf900", "\ufeff", "\uffef", "...", ".a", "a.", "..a", "a:b", "\\", "%2F", "\"");

    [Theory]
    [MemberData(nameof(NamesAllowed))]
    public async Task Any_other_name_comes_back_as_it_was(string name)
    {
        Assert.Equal(At(name), await MakeAsync(name));
        Assert.Equal([name], (await Client.DoAsync(Request.GetChildren(Root))).Names);
        Assert.Equal(1, (await Client.DoAsync(Request.SetData(At(name)))).Stat.Version);
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Multi(Request.Check(At(name), 1))));
        await Client.DoAsync(Request.Delete(At(name)));
    }

    [Theory]
    [MemberData(nameof(NamesRefused))]
    public async Task A_name_that_cannot_be_is_refused_by_writes(string name)
    {
        await MakeAsync("a");
        var path = At(name);
        foreach (var type in new[] { OpCode.Create, OpCode.Create2, OpCode.CreateContainer })
        {
            // A parent that is not there is noticed before the flaw of the path is.
            var error = await Client.ErrorOfAsync(Request.Create(path, type: type));
            Assert.True(error is BadArguments || (error is NoNode && name is "/" or "/a" or "a//b" or "./a" or "../a"), $"{type}: {error}");
        }

        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.SetData(path)));
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.SetAcl(path, Acl.OpenToWorld)));
        var results = MultiResult.Parse((await Client.DoAsync(Request.Multi(Request.Check(path)))).Body);
        Assert.Equal(BadArguments, Assert.Single(results).Error);
    }

    // Reads and deletes look a path up as it is, except for the one character that Java takes for an end.
    [Theory]
    [MemberData(nameof(NamesRefused))]
    public async Task A_name_that_cannot_be_does_not_exist_for_reads_and_deletes(string name)
    {
        var path = At(name);
        Assert.Equal(name.Contains('\0', StringComparison.Ordinal) ? BadArguments : NoNode, await Client.ErrorOfAsync(Request.Exists(path)));
        Assert.Equal(name.Contains('\0', StringComparison.Ordinal) ? BadArguments : NoNode, await Client.ErrorOfAsync(Request.Delete(path)));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.GetData(path)));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.GetChildren(path)));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.GetChildren2(path)));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.OfPath(OpCode.GetAcl, path)));
        Assert.Equal(NoNode, await Client.ErrorOfAsync(Request.OfPath(OpCode.GetAllChildrenNumber, path)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a/b")]
    [InlineData("//")]
    public async Task A_path_that_does_not_begin_at_the_root_is_refused_by_writes(string path)
    {
        foreach (var type in new[] { OpCode.Create, OpCode.Create2, OpCode.CreateContainer })
        {
            var error = await Client.ErrorOfAsync(Request.Create(path, type: type));
            Assert.True(error is BadArguments || (error is NoNode or NodeExists && path is "a/b"), $"{type}: {error}");
        }

        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.SetData(path)));
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.SetAcl(path, Acl.OpenToWorld)));
    }

    [Theory]
    [InlineData((int)OpCode.Create)]
    [InlineData((int)OpCode.Delete)]
    [InlineData((int)OpCode.Exists)]
    [InlineData((int)OpCode.GetData)]
    [InlineData((int)OpCode.GetChildren)]
    [InlineData((int)OpCode.GetChildren2)]
    [InlineData((int)OpCode.GetAcl)]
    [InlineData((int)OpCode.GetAllChildrenNumber)]
    public async Task A_path_of_null_is_a_marshalling_error(int opCode)
    {
        var type = (OpCode)opCode;
        var request = type switch
        {
            OpCode.Create => Request.Create(null),
            OpCode.Delete => Request.Delete(null),
            OpCode.GetAcl or OpCode.GetAllChildrenNumber => Request.OfPath(type, null),
            _ => new Request(type, "null", Request.Exists(null).Write),
        };
        var reply = await Client.CallAsync(request);
        Assert.Equal((MarshallingError, 0), (reply.Error, reply.Body.Length));
    }

    [Fact]
    public async Task A_trailing_slash_is_a_name_of_digits_for_a_sequential_create()
    {
        await MakeAsync("a");
        Assert.Equal(At("a/0000000000"), await MakeAsync("a/", flags: 2));
        Assert.Equal(At("a/0000000001"), await MakeAsync("a/", flags: 3));
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.Create(At("a/"))));

        // The number makes a name of dots a good one.
        Assert.Equal(At(".0000000001"), await MakeAsync(".", flags: 2));
        Assert.Equal(BadArguments, await Client.ErrorOfAsync(Request.Create(At("a\u0001"), flags: 2)));
    }

    [Fact]
    public async Task Names_of_thousands_of_characters_and_paths_of_hundreds_of_names_are_fine()
    {
        var name = new string('x', 8_000);
        Assert.Equal(At(name), await MakeAsync(name));
        Assert.Equal([name], (await Client.DoAsync(Request.GetChildren(Root))).Names);
        var path = Root;
        for (var depth = 0; depth < 200; depth++)
        {
            path += "/d";
            await Client.DoAsync(Request.Create(path));
        }

        Assert.Equal(201, (await Client.DoAsync(Request.OfPath(OpCode.GetAllChildrenNumber, Root))).Number);
        Assert.Equal(Ok, await Client.ErrorOfAsync(Request.Exists(path)));
    }
}
