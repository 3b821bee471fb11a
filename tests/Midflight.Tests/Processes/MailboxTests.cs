namespace Midflight.Tests.Processes;

public sealed class MailboxTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Messages_are_taken_as_from_a_list_in_whatever_order_they_come_and_are_asked_for(int seed)
    {
        var random = new Random(seed);
        var mailbox = default(Mailbox);
        var list = new List<int>();
        Envelope? seen = null;
        var asked = -1;

        for (var i = 0; i < 100_000; i++)
        {
            switch (random.Next(8))
            {
                case 0 or 1:
                    mailbox.Enqueue(new Message(i));
                    list.Add(i);
                    break;
                case 7:
                    mailbox.Enqueue(Batch(i, random.Next(1, 4), out var casts));
                    list.AddRange(casts);
                    break;
                case 2 when mailbox.First is CastBatch batch && random.Next(2) == 0:
                    var cast = (int)mailbox.Take(batch);
                    Assert.Equal(list[0], cast);
                    list.RemoveAt(0);
                    (seen, asked) = (null, -1);

                    // While it is in hand others may be looked for.
                    Assert.Null(mailbox.Dequeue(static (_, _) => false, 0));
                    Assert.Equal(cast, batch.Leave());
                    Assert.Null(batch.InHand);
                    break;
                case 2:
                    Assert.Equal(list.Count > 0 ? list[0] : null, Content(mailbox.Dequeue()));
                    list.RemoveRange(0, Math.Min(1, list.Count));
                    (seen, asked) = (null, -1);
                    break;

                // The same question again goes on where it has looked in vain; another one begins anew.
                case var kind:
                    if (kind == 3 || asked < 0)
                    {
                        (seen, asked) = (null, random.Next(7));
                    }

                    var at = list.FindIndex(number => number % 7 == asked);
                    Assert.Equal(
                        at < 0 ? null : list[at],
                        Content(mailbox.Dequeue(static (envelope, asked) => (int)((Message)envelope).Content % 7 == asked, asked, ref seen)));

                    if (at >= 0)
                    {
                        list.RemoveAt(at);
                        (seen, asked) = (null, -1);
                    }

                    break;
            }

            Assert.Equal(list.Count == 0, mailbox.IsEmpty);
        }

        Assert.Equal(list, mailbox.All().Select(message => (int)((Message)message).Content));

        static int? Content(Envelope? message) => (int?)((Message?)message)?.Content;
    }

    private static CastBatch Batch(int first, int count, out IEnumerable<int> casts)
    {
        var batch = new CastBatch(CastBatch.Few, first);
        casts = Enumerable.Range(first, count);
        Assert.All(casts.Skip(1), cast => Assert.True(batch.TryAdd(cast)));
        batch.Close();
        return batch;
    }
}
