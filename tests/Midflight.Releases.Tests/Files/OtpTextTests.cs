using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Midflight.Releases.Tests.Otp;

namespace Midflight.Releases.Tests.Files;

public sealed class OtpTextTests
{
    [Fact]
    public void An_appup_is_written_in_the_notation_of_OTP()
    {
        Assert.True(AppupFile.Read("", Encoding.UTF8.GetBytes(FileSamples.Appup)).Succeeded(out var appup, out _));
        Assert.Equal(
            """
            {"0.3.0",
             [{"0.2.0",
               [{update,'Octochat.Echo'},
                {update,'Octochat.Supervisor',supervisor},
                {update,'Octochat.Hub',static,5000,{advanced,#{<<"rooms"/utf8>> => 1}},soft_purge,soft_purge,['Octochat.Echo']},
                {update,'Octochat.Lobby',infinity,soft,brutal_purge,brutal_purge,['Octochat.Echo']},
                {load_module,'Octochat.Text',soft_purge,brutal_purge,[]},
                {add_module,'Octochat.Room',['Octochat.Hub']},
                {delete_module,'Octochat.Old'},
                {add_application,rooms,load},
                {remove_application,log},
                {restart_application,audit}]}],
             [{<<"0\\.[12]\\..*"/utf8>>,[]}]}.

            """,
            OtpText.Write(appup));
    }

    [Fact]
    public void A_relup_is_written_in_the_notation_of_OTP()
    {
        Assert.True(RelupFile.Read("", Encoding.UTF8.GetBytes(FileSamples.Relup)).Succeeded(out var relup, out _));
        Assert.Equal(
            """
            {"0.3.0",
             [{"0.2.0","more rooms",
               [restart_new_emulator,
                {load_object_code,{octochat,"0.3.0",['Octochat.Echo']}},
                point_of_no_return,
                {suspend,['Octochat.Echo',{'Octochat.Hub',5000},{'Octochat.Lobby',infinity}]},
                {load,{'Octochat.Echo',brutal_purge,soft_purge}},
                {remove,{'Octochat.Old',brutal_purge,brutal_purge}},
                {purge,['Octochat.Old']},
                {code_change,up,[{'Octochat.Echo',[]}]},
                {code_change,[{'Octochat.Hub',#{<<"a"/utf8>> => null}}]},
                {resume,['Octochat.Echo']},
                {stop,['Octochat.Text']},
                {start,['Octochat.Text']},
                {sync_nodes,<<"here"/utf8>>,[one@host,two@host]},
                {sync_nodes,1,{'Octochat.Nodes','All',[]}},
                {apply,{'Octochat.Text','Say',[<<"hi"/utf8>>,1]}},
                restart_emulator]}],
             [{"0.2.0","",
               [point_of_no_return]}]}.

            """,
            OtpText.Write(relup));
    }

    [Fact]
    public void What_is_written_for_OTP_reads_back_the_same()
    {
        var files = CaseFiles.Read();
        foreach (var path in files.Cases("relup").Where(path => files.Find($"{path}/expected.relup") is not null))
        {
            Assert.True(FileTerms.Relup("relup", files.Find($"{path}/expected.relup")).Succeeded(out var relup, out _));
            var plain = WithoutValues(relup);

            Assert.True(FileTerms.Relup("relup", Encoding.UTF8.GetBytes(OtpText.Write(plain))).Succeeded(out var again, out var error), $"{path}: {error}");
            Assert.Equal(RelupFile.Write(plain), RelupFile.Write(again));
        }
    }

    // A value of JSON is another one in a term, so only scripts without values come back as they were.
    private static Relup WithoutValues(Relup relup) =>
        relup with { Up = [.. relup.Up.Select(WithoutValues)], Down = [.. relup.Down.Select(WithoutValues)] };

    private static RelupScript WithoutValues(RelupScript script) => script with
    {
        Instructions =
        [
            .. script.Instructions.Select(instruction => instruction switch
            {
                LowLevel.CodeChange(var mode, var modules) =>
                    new LowLevel.CodeChange(mode, [.. modules.Select(item => item with { Extra = JsonElement.Parse("[]") })]),
                LowLevel.Apply(var call) when ApplicationCall.From(call) is null =>
                    new LowLevel.Apply(call with { Arguments = ImmutableArray<JsonElement>.Empty }),
                LowLevel.SyncNodes(_, var nodes) => new LowLevel.SyncNodes(JsonElement.Parse("1"), nodes),
                _ => instruction,
            }),
        ],
    };
}
