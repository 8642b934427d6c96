/// Whether something becomes true, asked again and again for up to half a minute: tests say what comes, not how fast a machine is.
package func eventually(_ isTrue: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<600 {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}
