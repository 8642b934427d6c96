-- Sends the bodies of a file in turn, one a line after the path and the value of Authorization. Ends with one line of JSON.

local requests = {}
local current = 0

function init(args)
   local lines = io.lines(args[1])
   local path = lines()
   local headers = {["Authorization"] = lines(), ["Content-Type"] = "application/json"}
   for body in lines do
      requests[#requests + 1] = wrk.format("POST", path, headers, body)
   end
end

function request()
   current = current % #requests + 1
   return requests[current]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
      summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
