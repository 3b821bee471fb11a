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
run(kill) ->
    N = 1000000,
    {_, Pids} = spawned(N, fun(_) -> spawn(fun idle/0) end),
    N * 1000000000 / timed(fun() -> kill(Pids) end);
run(switch_10k) -> element(1, switch(10000, none));
run(switch_100k) -> element(1, switch(100000, none));
run(switch_1m) -> element(1, switch(1000000, none));
run(slowest_call_10k) -> element(2, switch(10000, caller));
run(slowest_call_100k) -> element(2, switch(100000, caller));
run(reload) ->
    Binaries = list_to_tuple(versions()),
    N = 2000,
    Times = lists:sort([begin
        code:purge(switched),
        timed(fun() -> {module, switched} = code:load_binary(switched, "switched.beam", element(I rem 2 + 1, Binaries)) end)
    end || I <- lists:seq(1, N)]),
    lists:nth(N div 2, Times) / 1.0e6;
run(purge_100k) ->
    Binaries = versions(),
    {_, Pids} = spawned(100000, fun(_) -> spawn(fun idle/0) end),
    Times = [begin
        code:purge(switched),
        {module, switched} = code:load_binary(switched, "switched.beam", B),
        timed(fun() -> true = code:soft_purge(switched) end)
    end || B <- Binaries ++ Binaries ++ Binaries],
    kill(Pids),
    lists:sum(Times) / length(Times) / 1.0e6;
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
run(pingpong_parallel) ->
    {Pairs, N} = {2 * erlang:system_info(schedulers), 500000},
    Time = timed(fun() -> all(Pairs, fun() ->
        Pong = spawn_link(fun pong/0), ping(Pong, N), unlink(Pong), exit(Pong, kill) end) end),
    Pairs * N * 1000 / Time;
run(call_1m) ->
    {Servers, N} = {1000000, 1000000},
    Pids = list_to_tuple([begin {ok, P} = counter:start(I), P end || I <- lists:seq(1, Servers)]),
    rand:seed(exsss, 1),
    Time = timed(fun() -> calls_of_any(Pids, Servers, N) end),
    kill(tuple_to_list(Pids)),
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
    {First, All} = lists:foldl(
        fun(_, {Next, Pids}) -> P = spawn(fun() -> hop(Next, Self) end), {P, [P | Pids]} end, {Last, [Last]}, lists:seq(2, Processes)),
    Last ! {next, First},
    Time = timed(fun() -> First ! Hops, receive winner -> ok end end),
    [exit(P, kill) || P <- All],
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
    N * 1000000000 / Time;
run(sup_restart_among) ->
    {N, Killed} = {100000, 1000},
    process_flag(trap_exit, true),
    {Sup, Pids} = run_children(N),
    Time = timed(fun() ->
        [begin Ref = monitor(process, P), exit(P, kill), receive {'DOWN', Ref, _, _, _} -> ok end end || P <- lists:sublist(Pids, Killed)],
        until_active(Sup, N) end),
    exit(Sup, shutdown), receive {'EXIT', Sup, _} -> ok end,
    Killed * 1000000000 / Time;
run(sup_terminate) ->
    process_flag(trap_exit, true),
    {Sup, _} = run_children(100000),
    timed(fun() -> exit(Sup, shutdown), receive {'EXIT', Sup, _} -> ok end end) / 1.0e6.

until_active(Sup, N) ->
    case proplists:get_value(active, supervisor:count_children(Sup)) of
        N -> ok;
        _ -> until_active(Sup, N)
    end.

run_children(N) ->
    {ok, Sup} = supervisor:start_link(tree, many),
    {Sup, [begin {ok, P} = supervisor:start_child(Sup, [I]), P end || I <- lists:seq(1, N)]}.

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

calls_of_any(_, _, 0) -> ok;
calls_of_any(Pids, Servers, N) ->
    {1, _} = gen_server:call(element(rand:uniform(Servers), Pids), inc, infinity),
    calls_of_any(Pids, Servers, N - 1).

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

%% The steps of release_handler for {update, switched, {advanced, []}}, without its search of the supervision trees: what it takes, in ms;
%% and the slowest of 2,000 calls a second to random servers meanwhile, from the moment at which each was due, in ms.
switch(N, Callers) ->
    [V1, V2] = versions(),
    code:purge(switched),
    {module, switched} = code:load_binary(switched, "switched.beam", V1),
    Pids = [begin {ok, P} = switched:start(), P end || _ <- lists:seq(1, N)],
    Caller = caller(Callers, list_to_tuple(Pids)),
    Time = timed(fun() ->
        [ok = sys:suspend(P, infinity) || P <- Pids],
        {module, switched} = code:load_binary(switched, "switched.beam", V2),
        [ok = sys:change_code(P, switched, 1, [], infinity) || P <- Pids],
        [ok = sys:resume(P, infinity) || P <- Pids]
    end),
    Slowest = slowest(Caller),
    [{2, #{tag := migrated}} = gen_server:call(P, info) || P <- Pids],
    kill(Pids),
    code:purge(switched),
    {Time / 1.0e6, Slowest}.

versions() ->
    Source = filename:join(filename:dirname(code:which(?MODULE)), "switched.erl"),
    [begin {ok, switched, B} = compile:file(Source, [binary, {d, 'VERSION', V}]), B end || V <- [1, 2]].

caller(none, _) -> none;
caller(caller, Pids) ->
    Caller = spawn_link(fun() -> rand:seed(exsss, 1), paced(Pids, erlang:monotonic_time(microsecond), 0) end),
    timer:sleep(200),
    Caller ! forget,
    Caller.

slowest(none) -> 0;
slowest(Caller) ->
    timer:sleep(50),
    Caller ! {stop, self()},
    receive {slowest, Slowest} -> Slowest / 1000 end.

paced(Pids, Due, Slowest) ->
    case erlang:monotonic_time(microsecond) >= Due of
        false -> receive after 0 -> ok end, paced(Pids, Due, Slowest);
        true ->
            {_, _} = gen_server:call(element(rand:uniform(tuple_size(Pids)), Pids), inc, infinity),
            Took = erlang:monotonic_time(microsecond) - Due,
            receive
                forget -> paced(Pids, Due + 500, 0);
                {stop, To} -> To ! {slowest, max(Slowest, Took)}
            after 0 -> paced(Pids, Due + 500, max(Slowest, Took))
            end
    end.
