/// Polls for up to half a minute until a condition becomes true: tests check what happens, not how fast the machine is.
package func eventually(_ isTrue: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<600 {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}
