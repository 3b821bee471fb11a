%% An echo server on TCP, a gen_server for each connection: what the rows start_tcp and tcp_echo measure beside octochat.
%% erl -noshell -s echo start, with the port in $PORT.
-module(echo).
-behaviour(gen_server).
-export([start/0, init/1, handle_call/3, handle_cast/2, handle_info/2]).

start() ->
    Port = list_to_integer(os:getenv("PORT")),
    {ok, Listener} = gen_tcp:listen(Port, [binary, {packet, line}, {active, false}, {reuseaddr, true}, {nodelay, true}, {backlog, 4096}]),
    accept(Listener).

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    {ok, Pid} = gen_server:start(?MODULE, [], []),
    ok = gen_tcp:controlling_process(Socket, Pid),
    gen_server:cast(Pid, {socket, Socket}),
    accept(Listener).

init([]) -> {ok, #{}}.

handle_call(_, _, State) -> {reply, ok, State}.

handle_cast({socket, Socket}, State) ->
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, State#{socket => Socket}}.

handle_info({tcp, Socket, Line}, State) ->
    ok = gen_tcp:send(Socket, [<<"echo: ">>, Line]),
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, State};
handle_info({tcp_closed, _}, State) -> {stop, normal, State};
handle_info({tcp_error, _, _}, State) -> {stop, normal, State}.
