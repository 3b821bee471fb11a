%% The server of the workloads.
-module(counter).
-behaviour(gen_server).
-export([start/1, start_link/1, init/1, handle_call/3, handle_cast/2]).

start(Name) -> gen_server:start(?MODULE, Name, []).
start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

init(Name) -> {ok, #{name => Name, count => 0}}.

handle_call(inc, _From, #{count := Count} = State) -> {reply, {1, Count + 1}, State#{count := Count + 1}}.

handle_cast(inc, #{count := Count} = State) -> {noreply, State#{count := Count + 1}};
handle_cast({bump, Goal, To}, #{count := Count} = State) ->
    Count + 1 =:= Goal andalso (To ! done),
    {noreply, State#{count := Count + 1}}.
