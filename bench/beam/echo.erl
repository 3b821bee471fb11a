%% An echo server on TCP, a gen_server for each connection: what the rows start_tcp, tcp_echo and silence measure beside octochat.
%% erl -noshell -s echo start, with the port in $PORT.
-module(echo).
-behaviour(gen_server).
-export([start/0, init/1, handle_call/3, handle_cast/2, handle_info/2, code_change/3]).

-ifndef(VERSION).
-define(VERSION, 1).
-endif.

start() ->
    Port = list_to_integer(os:getenv("PORT")),
    {ok, Listener} = gen_tcp:listen(Port, [binary, {packet, line}, {active, false}, {reuseaddr, true}, {nodelay, true}, {backlog, 4096}]),
    echoes = ets:new(echoes, [named_table, public]),
    accept(Listener).

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    {ok, Pid} = gen_server:start(?MODULE, [], []),
    ok = gen_tcp:controlling_process(Socket, Pid),
    gen_server:cast(Pid, {socket, Socket}),
    accept(Listener).

init([]) ->
    true = ets:insert(echoes, {self()}),
    {ok, #{}}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_cast({socket, Socket}, State) ->
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, State#{socket => Socket}}.

handle_info({tcp, Socket, Line}, State) ->
    answer(Socket, Line),
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, State};
handle_info({tcp_closed, _}, State) -> {stop, normal, State};
handle_info({tcp_error, _, _}, State) -> {stop, normal, State}.

code_change(_, State, _) -> {ok, State#{tag => migrated}}.

answer(Socket, <<"?version\n">>) -> ok = gen_tcp:send(Socket, io_lib:format("version: ~b~n", [?VERSION]));
answer(Socket, <<"prepare\n">>) ->
    Source = filename:join(filename:dirname(code:which(?MODULE)), "echo.erl"),
    {ok, echo, Binary} = compile:file(Source, [binary, {d, 'VERSION', 2}]),
    ok = persistent_term:put(next, Binary),
    ok = gen_tcp:send(Socket, <<"prepared\n">>);
answer(Socket, <<"upgrade\n">>) -> spawn(fun() -> upgrade(), ok = gen_tcp:send(Socket, <<"upgraded\n">>) end);
answer(Socket, Line) -> ok = gen_tcp:send(Socket, [<<"echo: ">>, Line]).

%% The steps of release_handler for {update, echo, {advanced, []}}, without its search of the supervision trees.
upgrade() ->
    Pids = [P || {P} <- ets:tab2list(echoes), is_process_alive(P)],
    [ok = sys:suspend(P, infinity) || P <- Pids],
    {module, echo} = code:load_binary(echo, "echo.beam", persistent_term:get(next)),
    [ok = sys:change_code(P, echo, 1, [], infinity) || P <- Pids],
    [ok = sys:resume(P, infinity) || P <- Pids].
