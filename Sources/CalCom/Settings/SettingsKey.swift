/// Every key of the app-data object, in the order of `facts/calcom.md` 5.2.
enum SettingsKey: String, CaseIterable {
    case enabled, credentialId, appCategories
    case createEventOn, skipContactCreation, createEventOnLeadCheckForContact
    case createNewContactUnderAccount, createLeadIfAccountNull, ignoreGuests
    case onBookingWriteToEventObject, onBookingWriteToEventObjectMap
    case onBookingWriteToRecord, onBookingWriteToRecordFields
    case onBookingWriteToAccountRecord, onBookingWriteToAccountRecordFields
    case onCancelWriteToEventRecord, onCancelWriteToEventRecordFields
    case onCancelWriteToRecord, onCancelWriteToRecordFields
    case onFallbackWriteToRecord, onFallbackWriteToRecordFields
    case onFallbackCreateRecord, onFallbackCreateRecords
    case onBookingChangeRecordOwner, onBookingChangeRecordOwnerName
    case onBookingChangeAccountOwner
    case sendNoShowAttendeeData, sendNoShowAttendeeDataField
    case roundRobinLeadSkip, roundRobinSkipCheckRecordOn, ifFreeEmailDomainSkipOwnerCheck
    case roundRobinSkipFallbackToLeadOwner, rrSkipFieldRules
    case excludeAccountRecordTypes, enableFuzzyDomainMatching, tiebreakerRules
    case showCrmOwnerBanner, lastSyncError
}
