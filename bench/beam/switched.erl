%% A server whose second version holds more: what the rows switch_* change under its feet.
-module(switched).
-behaviour(gen_server).
-export([start/0, init/1, handle_call/3, handle_cast/2, code_change/3, version/0]).

-ifndef(VERSION).
-define(VERSION, 1).
-endif.

version() -> ?VERSION.

start() -> gen_server:start(?MODULE, [], []).

init([]) -> {ok, #{name => x, count => 0}}.

handle_call(info, _, State) -> {reply, {?VERSION, State}, State};
handle_call(inc, _, #{count := N} = State) -> {reply, {?VERSION, N + 1}, State#{count := N + 1}}.

handle_cast(_, State) -> {noreply, State}.

code_change(_, State, _) -> {ok, State#{tag => migrated}}.
