import Configuration
import FileStores
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
    /// Where pictures that buyers send are kept; `nil` for the data folder.
    let bucket: S3Bucket?
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
        bucket = try await Self.bucket(source)
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

    private static func bucket(_ source: SettingsSource) async throws -> S3Bucket? {
        let address = try await source.value(.uploads, "s3://BUCKET[/PREFIX]") { S3Bucket.isAddress($0) ? $0 : nil }
        let endpoint = try await source.value(.s3Endpoint, "an http:// or https:// URL without user, ? and #") {
            S3Bucket.isEndpoint($0) ? $0 : nil
        }
        let region = try await source.value(.s3Region, "letters, digits and -") {
            $0.wholeMatch(of: /[a-z0-9-]{1,64}/) == nil ? nil : $0
        }
        var keys: [Setting: String] = [:]
        for key in [Setting.s3AccessKey, .s3SecretKey] {
            keys[key] = try await source.value(key, "from 1 to 2000 visible ASCII characters") { text in
                (1...2000).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
            }
        }
        guard let address else {
            guard endpoint == nil, region == nil, keys.isEmpty else {
                throw OperatorError(
                    "the settings s3-endpoint, s3-region, s3-access-key and s3-secret-key need the setting uploads")
            }
            return nil
        }
        guard let access = keys[.s3AccessKey], let secret = keys[.s3SecretKey] else {
            throw OperatorError("the setting uploads needs the settings s3-access-key and s3-secret-key")
        }
        let bucket = S3Bucket(
            address, endpoint: endpoint, region: region ?? "us-east-1", accessKey: access, secretKey: secret)
        guard let bucket else { throw OperatorError("the settings uploads and s3-endpoint can't be used together") }
        return bucket
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
