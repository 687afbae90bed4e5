using System.Text.Json;
using RingKeeper.Cli;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class VerifyRingCommandTests : IDisposable
{
    private static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "vectors", "ring-vectors.json");

    private readonly CliRun _cli = new();
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public async Task The_vectors_of_the_Go_package_match_and_the_last_line_counts_them()
    {
        Assert.Equal(0, await VerifyAsync(Vectors));

        Assert.Matches("^[1-9][0-9]* matched, 0 mismatched$", LastLine());
        Assert.Empty(_cli.Error);
    }

    [Fact]
    public async Task A_changed_vector_is_counted_named_and_ends_with_1()
    {
        var text = await File.ReadAllTextAsync(Vectors, TestContext.Current.CancellationToken);
        var at = text.IndexOf("\"points_sha256\":\"", StringComparison.Ordinal) + "\"points_sha256\":\"".Length;
        var changed = text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..];
        await File.WriteAllTextAsync(_file, changed, TestContext.Current.CancellationToken);

        Assert.Equal(1, await VerifyAsync(_file));

        Assert.EndsWith(" matched, 1 mismatched", LastLine(), StringComparison.Ordinal);
        Assert.Contains("points_sha256", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_an_end_is_refused_by_name()
    {
        Assert.Equal(1, await VerifyAsync("/dev/zero"));

        Assert.Contains("'/dev/zero' is longer than", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_JSON_holds_the_sums_and_every_ring()
    {
        Assert.Equal(0, await VerifyAsync(Vectors, "--json"));

        using var json = JsonDocument.Parse(_cli.Output);
        var rings = json.RootElement.GetProperty("rings").EnumerateArray().ToArray();
        Assert.NotEmpty(rings);
        Assert.Equal(json.RootElement.GetProperty("matched").GetInt32(), rings.Sum(ring => ring.GetProperty("matched").GetInt32()));
        Assert.Equal(0, json.RootElement.GetProperty("mismatched").GetInt32());
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("""{"keys":[],"rings":[]}""")]
    public async Task A_file_that_proves_nothing_ends_with_1(string content)
    {
        await File.WriteAllTextAsync(_file, content, TestContext.Current.CancellationToken);

        Assert.Equal(1, await VerifyAsync(_file));
        Assert.Contains(_file, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_ends_with_1()
    {
        Assert.Equal(1, await VerifyAsync("no-such-file.json"));
        Assert.Contains("no-such-file.json", _cli.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _cli.Dispose();
        File.Delete(_file);
    }

    private Task<int> VerifyAsync(string file, params string[] options) =>
        _cli.RunAsync(CliHandlers.Wired, ["ring", "verify", file, .. options]);

    private string LastLine() => _cli.Output.TrimEnd().Split(Environment.NewLine)[^1];
}
