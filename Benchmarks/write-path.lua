-- Sends the bodies of a file in turn. Its first line is the path, its second the name of a header; the others are the header's value, a tab and
-- the body. Ends with one line of JSON.

local requests = {}
local current = 0

function init(args)
   local lines = io.lines(args[1])
   local path, header = lines(), lines()
   for line in lines do
      local value, body = line:match("^([^\t]*)\t(.*)$")
      requests[#requests + 1] = wrk.format("POST", path, {[header] = value, ["Content-Type"] = "application/json"}, body)
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
