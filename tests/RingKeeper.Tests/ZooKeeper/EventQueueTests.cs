using CsCheck;
using RingKeeper.ZooKeeper;
using RingKeeper.ZooKeeper.Session;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class EventQueueTests
{
    [Fact]
    public async Task What_does_not_fit_is_told_by_one_gap_and_reading_makes_room_again()
    {
        var queue = new EventQueue("/a", capacity: 2);
        for (var i = 0; i < 5; i++)
        {
            queue.Add(Change(i));
        }

        queue.AddAlways(WatchedEventType.SessionExpired);
        await using var reader = queue.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        Assert.Equal(
            [Change(0), Change(1), new(WatchedEventType.Gap, "/a"), new(WatchedEventType.SessionExpired, "/a")],
            await TakeAsync(reader, 4));

        queue.Add(Change(9));
        queue.AddAlways(WatchedEventType.Closed);
        queue.Complete();
        Assert.Equal([Change(9), new(WatchedEventType.Closed, "/a")], await TakeAsync(reader, 2));
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public void Whatever_is_left_out_is_followed_by_a_gap() =>
        Gen.Bool.Array[1, 200].Sample(steps =>
        {
            // True adds an event, false reads one. As long as an event has neither come out nor been followed by a Gap that came
            // out, there must be something to read at once; and nothing comes out behind what was left out before the Gap did.
            var model = new Model();
            foreach (var add in steps)
            {
                if (add)
                {
                    model.Add();
                }
                else if (model.IsOwedAnything)
                {
                    model.Read();
                }
            }

            while (model.IsOwedAnything)
            {
                model.Read();
            }
        });

    private sealed class Model
    {
        private readonly EventQueue _queue = new("/a", capacity: 3);
        private readonly IAsyncEnumerator<WatchedEvent> _reader;
        private readonly List<int> _missing = [];
        private int _added;
        private int _coveredBefore;

        public Model() => _reader = _queue.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);

        public bool IsOwedAnything => _missing.Exists(i => i >= _coveredBefore);

        public void Add()
        {
            _queue.Add(Change(_added));
            _missing.Add(_added++);
        }

        public void Read()
        {
            var next = _reader.MoveNextAsync();
            Assert.True(next.IsCompleted && next.Result);
            if (_reader.Current.Type == WatchedEventType.Gap)
            {
                _coveredBefore = _added;
                return;
            }

            var number = int.Parse(_reader.Current.Path[1..]);
            _missing.RemoveAll(i => i < number && i < _coveredBefore);
            Assert.Equal(number, _missing[0]);
            _missing.RemoveAt(0);
        }
    }

    private static WatchedEvent Change(int i) => new(WatchedEventType.NodeDataChanged, $"/{i}");

    private static async Task<List<WatchedEvent>> TakeAsync(IAsyncEnumerator<WatchedEvent> reader, int count)
    {
        var events = new List<WatchedEvent>();
        while (events.Count < count && await reader.MoveNextAsync())
        {
            events.Add(reader.Current);
        }

        return events;
    }
}
