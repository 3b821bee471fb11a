%% The Erlang side of the table: reads the name of a workload from standard input, runs it once, prints its figure.
-module(bench).
-export([main/0]).

main() ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            Name = list_to_atom(string:trim(Line)),
            Self = self(),
            %% A fresh process each time, as on the other side.
            {Pid, Ref} = spawn_monitor(fun() -> Self ! {figure, run(Name)} end),
            receive
                {figure, Figure} -> receive {'DOWN', Ref, _, _, _} -> ok end, io:format("~s ~.3f~n", [Name, float(Figure)]);
                {'DOWN', Ref, _, Pid, Reason} -> io:format("~s failed ~0p~n", [Name, Reason])
            end,
            settle(),
            main()
    end.

settle() ->
    [erlang:garbage_collect(P) || P <- processes()],
    ok.

timed(F) ->
    Start = erlang:monotonic_time(nanosecond),
    F(),
    erlang:monotonic_time(nanosecond) - Start.

run(spawn) ->
    N = 1000000,
    {Time, Pids} = spawned(N, fun(_) -> spawn(fun idle/0) end),
    kill(Pids),
    Time / N;
run(spawn_server) ->
    N = 1000000,
    {Time, Pids} = spawned(N, fun(I) -> {ok, P} = counter:start(I), P end),
    kill(Pids),
    Time / N;
run(switch_10k) -> switch(10000);
run(switch_100k) -> switch(100000);
run(memory_server) ->
    N = 200000,
    settle(),
    Before = erlang:memory(processes),
    {_, Pids} = spawned(N, fun(I) -> {ok, P} = counter:start(I), P end),
    erlang:garbage_collect(),
    Bytes = (erlang:memory(processes) - Before - element(2, process_info(self(), memory))) / N,
    kill(Pids),
    Bytes;
run(pingpong) ->
    N = 1000000,
    Pong = spawn_link(fun pong/0),
    Time = timed(fun() -> ping(Pong, N) end),
    unlink(Pong), exit(Pong, kill),
    Time / N;
run(call) ->
    N = 1000000,
    {ok, S} = counter:start(x),
    Time = timed(fun() -> calls(S, N) end),
    {1, Count} = gen_server:call(S, inc), Count = N + 1,
    exit(S, kill),
    Time / N;
run(call_64) ->
    {Callers, Each} = {64, 20000},
    {ok, S} = counter:start(x),
    Time = timed(fun() -> all(Callers, fun() -> calls(S, Each) end) end),
    {1, Count} = gen_server:call(S, inc), Count = Callers * Each + 1,
    exit(S, kill),
    Callers * Each * 1000 / Time;
run(cast_1) -> cast(1);
run(cast_8) -> cast(8);
run(fanout) ->
    {Servers, Each} = {10000, 100},
    Pids = [begin {ok, P} = counter:start(I), P end || I <- lists:seq(1, Servers)],
    Self = self(),
    Time = timed(fun() ->
        [[gen_server:cast(P, {bump, Each, Self}) || P <- Pids] || _ <- lists:seq(1, Each)],
        collect(Servers) end),
    kill(Pids),
    Servers * Each * 1000 / Time;
run(ring) ->
    {Processes, Hops} = {503, 5000000},
    Self = self(),
    Last = spawn(fun() -> receive {next, Next} -> hop(Next, Self) end end),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> hop(Next, Self) end) end, Last, lists:seq(2, Processes)),
    Last ! {next, First},
    Time = timed(fun() -> First ! Hops, receive winner -> ok end end),
    Time / Hops;
run(skynet) ->
    Self = self(),
    Time = timed(fun() ->
        spawn(fun() -> sky(0, 1000000, Self) end),
        receive {sum, 499999500000} -> ok end end),
    Time / 1000000;
run(sup_restart) ->
    N = 1000,
    process_flag(trap_exit, true),
    Self = self(),
    {ok, Sup} = supervisor:start_link(tree, {one, Self}),
    First = receive {up, P} -> P end,
    Time = timed(fun() -> restart(N, First) end),
    exit(Sup, shutdown), receive {'EXIT', Sup, _} -> ok end,
    N * 1000000000 / Time;
run(sup_start_child) ->
    N = 100000,
    process_flag(trap_exit, true),
    {ok, Sup} = supervisor:start_link(tree, many),
    Time = timed(fun() -> [{ok, _} = supervisor:start_child(Sup, [I]) || I <- lists:seq(1, N)] end),
    exit(Sup, shutdown), receive {'EXIT', Sup, _} -> ok end,
    N * 1000000000 / Time.

idle() -> receive stop -> ok end.

spawned(N, Spawn) ->
    Start = erlang:monotonic_time(nanosecond),
    Pids = [Spawn(I) || I <- lists:seq(1, N)],
    {erlang:monotonic_time(nanosecond) - Start, Pids}.

kill(Pids) ->
    [exit(P, kill) || P <- Pids],
    until_few().

until_few() ->
    case erlang:system_info(process_count) > 1000 of
        true -> timer:sleep(1), until_few();
        false -> ok
    end.

ping(_, 0) -> ok;
ping(P, N) -> P ! {self(), N}, receive {P, N} -> ping(P, N - 1) end.

pong() -> receive {From, N} -> From ! {self(), N}, pong() end.

calls(_, 0) -> ok;
calls(S, N) -> {1, _} = gen_server:call(S, inc, infinity), calls(S, N - 1).

cast(Producers) ->
    N = 2000000,
    {ok, S} = counter:start(x),
    Time = timed(fun() ->
        all(Producers, fun() -> casts(S, N div Producers) end),
        {1, Count} = gen_server:call(S, inc, infinity), Count = N + 1 end),
    exit(S, kill),
    N * 1000 / Time.

casts(_, 0) -> ok;
casts(S, N) -> gen_server:cast(S, inc), casts(S, N - 1).

all(N, F) ->
    Refs = [element(2, spawn_monitor(F)) || _ <- lists:seq(1, N)],
    [receive {'DOWN', Ref, _, _, normal} -> ok end || Ref <- Refs].

collect(0) -> ok;
collect(N) -> receive done -> collect(N - 1) end.

hop(Next, Main) ->
    receive
        0 -> Main ! winner;
        N -> Next ! N - 1, hop(Next, Main)
    end.

sky(Number, 1, Parent) -> Parent ! {sum, Number};
sky(Number, Size, Parent) ->
    {Self, Part} = {self(), Size div 10},
    [spawn(fun() -> sky(Number + I * Part, Part, Self) end) || I <- lists:seq(0, 9)],
    Parent ! {sum, sum(10, 0)}.

sum(0, Sum) -> Sum;
sum(N, Sum) -> receive {sum, Part} -> sum(N - 1, Sum + Part) end.

restart(0, _) -> ok;
restart(N, Pid) -> exit(Pid, kill), receive {up, New} when New =/= Pid -> restart(N - 1, New) end.

%% The steps of release_handler for {update, switched, {advanced, []}}, without its search of the supervision trees. In ms.
switch(N) ->
    Source = filename:join(filename:dirname(code:which(?MODULE)), "switched.erl"),
    [V1, V2] = [begin {ok, switched, B} = compile:file(Source, [binary, {d, 'VERSION', V}]), B end || V <- [1, 2]],
    code:purge(switched),
    {module, switched} = code:load_binary(switched, Source, V1),
    Pids = [begin {ok, P} = switched:start(), P end || _ <- lists:seq(1, N)],
    Time = timed(fun() ->
        [ok = sys:suspend(P) || P <- Pids],
        {module, switched} = code:load_binary(switched, Source, V2),
        [ok = sys:change_code(P, switched, 1, []) || P <- Pids],
        [ok = sys:resume(P) || P <- Pids]
    end),
    [{2, #{tag := migrated}} = gen_server:call(P, info) || P <- Pids],
    kill(Pids),
    code:purge(switched),
    Time / 1.0e6.
