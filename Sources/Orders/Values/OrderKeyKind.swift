/// What an order may be found by beside its id; the raw values are those of the databases.
package enum OrderKeyKind: String, Sendable {
    case secretSlug = "secret_slug"
    case legacyID = "legacy_id"
}
