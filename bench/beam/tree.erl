%% The supervisors of the workloads.
-module(tree).
-behaviour(supervisor).
-export([init/1, start_worker/1, worker/1]).

init({one, To}) ->
    {ok, {#{strategy => one_for_one, intensity => 1000000, period => 1},
          [#{id => worker, start => {?MODULE, start_worker, [To]}}]}};
init(many) ->
    {ok, {#{strategy => simple_one_for_one, intensity => 1000000, period => 1},
          [#{id => counter, start => {counter, start_link, []}, shutdown => brutal_kill}]}}.

start_worker(To) -> proc_lib:start_link(?MODULE, worker, [To]).

worker(To) -> proc_lib:init_ack({ok, self()}), To ! {up, self()}, receive stop -> ok end.
