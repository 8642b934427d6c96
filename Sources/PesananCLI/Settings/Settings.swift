import Configuration
import Foundation
import HTTPServing
import Mail
import OrderServices
import Orders
import PostgresStorage

/// The server's configuration.
///
/// The command line takes precedence over the environment, and the environment over the `--config` file. ``Setting`` has the names.
struct Settings: Sendable {
    let dataFolder: String
    let database: DatabaseAddress?
    let replicas: [PostgresAddress]
    let databaseConnections: Int
    let host: String
    var port: Int
    let publicURL: PublicURL?
    let smtp: SMTPServer?
    let mailFrom: EmailAddress
    let webhookTargets: WebhookTargets
    let noticeEmail: EmailAddress?
    let proxies: TrustedProxies
    /// `nil` if limits are off.
    let rates: Limits.Rates?
    let logLevel: String
    /// For the operator: what looks like a setting and is none.
    let warnings: [String]

    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// - Throws: ``OperatorError`` that names the first invalid setting.
    init(_ source: SettingsSource) async throws {
        warnings = source.warnings
        dataFolder = try await source.value(.data, "the path of a folder") { $0.isEmpty ? nil : $0 } ?? "pesanan-data"
        database = try await source.value(.database, DatabaseAddress.forms) { DatabaseAddress($0) }
        replicas =
            try await source.value(.databaseReplicas, "postgres:// addresses separated by commas") {
                DatabaseAddress.replicas($0)
            } ?? []
        if !replicas.isEmpty {
            guard case .postgres = database else {
                throw OperatorError("the setting database-replicas needs the setting database to be a postgres:// address")
            }
        }
        databaseConnections =
            try await source.value(.databaseConnections, "a whole number from 1 to 100") { text in
                Int(text).flatMap { (1...100).contains($0) ? $0 : nil }
            } ?? 2 * ProcessInfo.processInfo.activeProcessorCount
        // In brackets, as in a URL, or without them.
        host =
            try await source.value(.host, "an address") { text in
                let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
                return bare.isEmpty ? nil : bare
            } ?? "127.0.0.1"
        port =
            try await source.value(.port, "a whole number from 0 to 65535") { text in
                Int(text).flatMap { (0...65535).contains($0) ? $0 : nil }
            } ?? 8080
        publicURL = try await source.value(.publicURL, "an http:// or https:// URL without ? and #") { PublicURL($0) }
        smtp = try await source.value(.smtp, "smtp[s]://[USER:PASSWORD@]HOST[:PORT]") { SMTPServer($0) }
        let mailHost = publicURL.flatMap { URLComponents(string: $0.text)?.host } ?? "localhost"
        guard
            let sender = try await source.value(.mailFrom, "an e-mail address", { EmailAddress($0) })
                ?? EmailAddress("no-reply@\(mailHost)")
        else { throw OperatorError("the setting mail-from is required: the host of public-url is not a valid mail domain") }
        mailFrom = sender
        webhookTargets =
            try await source.value(.webhookTargets, "public or any") { WebhookTargets(rawValue: $0) } ?? .public
        noticeEmail = try await source.value(.noticeEmail, "an e-mail address") { EmailAddress($0) }
        proxies =
            try await source.value(.trustedProxies, "IP addresses or networks separated by commas") { TrustedProxies($0) }
            ?? .none
        rates = try await Self.rates(source)
        logLevel =
            try await source.value(.logLevel, "one of \(Self.logLevels.joined(separator: ", "))") { text in
                Self.logLevels.contains(text) ? text : nil
            } ?? "info"
    }

    private static func rates(_ source: SettingsSource) async throws -> Limits.Rates? {
        var rates = Limits.Rates()
        let paths: [(name: Setting, path: WritableKeyPath<Limits.Rates, RateLimit>)] = [
            (.limitSignInClient, \.signInClient), (.limitSignInAccount, \.signInAccount),
            (.limitSignInAddress, \.signInAddress), (.limitPublicClient, \.publicClient), (.limitPublicReport, \.publicReport),
            (.limitCustomer, \.customer),
        ]
        for (name, path) in paths {
            if let rate = try await source.value(name, "COUNT/SECONDS, both from 1 to 1000000", { RateLimit($0) }) {
                rates[keyPath: path] = rate
            }
        }
        let isOn = try await source.value(.limits, "on or off") { ["on": true, "off": false][$0] } ?? true
        return isOn ? rates : nil
    }
}
