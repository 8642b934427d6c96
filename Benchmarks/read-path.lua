-- Asks for the requests of a file in turn, one a line: the path, then the headers as "Name: value", split by tabs.
-- Ends with one line of JSON.

local requests = {}
local current = 0

function init(args)
   for line in io.lines(args[1]) do
      local path, rest = line:match("^([^\t]+)(.*)$")
      local headers = {}
      for name, value in rest:gmatch("\t([^:\t]+): ([^\t]*)") do
         headers[name] = value
      end
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
end

function request()
   current = current % #requests + 1
   return requests[current]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
      summary.requests, summary.duration, summary.bytes, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
