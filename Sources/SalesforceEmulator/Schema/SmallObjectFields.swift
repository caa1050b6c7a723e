extension StandardObjects {
    /// The fields of `Task`; the custom fields of activities come on top.
    static let taskFields = """
        Id                id              FSGDi
        WhoId             reference       CUFSGN    Contact,Lead→Who
        WhatId            reference       CUFSGN    Account,Opportunity,Routing_Miss__c→What
        Subject           combobox(255)   CUFSN     @subjects
        ActivityDate      date            CUFSGN
        Status            picklist(255)   CUFSGD    *Not Started;In Progress;Completed;Deferred
        Priority          picklist(255)   CUFSGD    High;*Normal;Low
        IsHighPriority    boolean         FSGD
        OwnerId           reference       CUFSGD    Group,User→Owner
        Description       textarea(32000) CUN
        IsDeleted         boolean         FSGD
        AccountId         reference       FSGN      Account→Account
        IsClosed          boolean         FSGD
        IsArchived        boolean         FSGD
        TaskSubtype       picklist(40)    CFSGNr    *Task;Email;Call
        IsReminderSet     boolean         CUFSGD
        ReminderDateTime  datetime        CUFSN
        """

    /// The fields of `EventRelation`, the people and calendars of an event.
    static let eventRelationFields = """
        Id                id              FSGDi
        RelationId        reference       CUFSG     Calendar,Contact,Lead,User→Relation
        EventId           reference       CUFSG     Event→Event
        IsWhat            boolean         CFSGD
        IsParent          boolean         CFSGD
        IsInvitee         boolean         CFSGD
        Status            picklist(40)    CUFSGNr   *New;Accepted;Declined;Uninvited;Maybe
        RespondedDate     datetime        CUFSN
        Response          string(255)     CUFSN
        AccountId         reference       FSGN      Account→Account
        """

    /// The fields of `EventWhoRelation`, the contacts or the lead of an event.
    static let eventWhoRelationFields = """
        Id                id              FSGDi
        RelationId        reference       FSG       Contact,Lead→Relation
        EventId           reference       FSG       Event→Event
        Type              string(40)      FSGN
        AccountId         reference       FSGN      Account→Account
        """

    /// The fields of `Opportunity` that lead conversion and related activities need.
    static let opportunityFields = """
        Id                id              FSGDi
        IsDeleted         boolean         FSGD
        AccountId         reference       CUFSGN    Account→Account
        Name              string(120)     CUFSG
        Description       textarea(32000) CUN
        StageName         picklist(255)   CUFSG     @stages
        Amount            currency(18.2)  CUFSN
        CloseDate         date            CUFSG
        Type              picklist(255)   CUFSGN    Existing Business;New Business
        LeadSource        picklist(255)   CUFSGN    @sources
        OwnerId           reference       CUFSGD    User→Owner
        """

    /// The fields of `Group`: queues and public groups.
    static let groupFields = """
        Id                id              FSGDi
        Name              string(40)      CUFSG
        DeveloperName     string(80)      CUFSGN
        Type              picklist(40)    CFSGr     Regular;Queue;Role;Organization
        Email             email(255)      CUFSGN
        """

    /// The fields of `QueueSobject`: which types a queue may own.
    static let queueFields = """
        Id                id              FSGDi
        QueueId           reference       CFSG      Group→Queue
        SobjectType       picklist(40)    CFSG      Lead;Task
        """

    /// The fields of `Profile`.
    static let profileFields = """
        Id                id              FSGDi
        Name              string(255)     FSG
        UserType          picklist(40)    FSGNr     @userTypes
        """

    /// The fields of `PermissionSet`.
    static let permissionSetFields = """
        Id                id              FSGDi
        Name              string(80)      CUFSG
        Label             string(80)      CUFSG
        Description       string(255)     CUFSN
        """

    /// The fields of `PermissionSetAssignment`: who has which permission set.
    static let assignmentFields = """
        Id                id              FSGDi
        PermissionSetId   reference       CFSG      PermissionSet→PermissionSet
        AssigneeId        reference       CFSG      User→Assignee
        """

    /// The fields of `FieldPermissions`: which fields a permission set opens.
    static let fieldPermissionFields = """
        Id                id              FSGDi
        ParentId          reference       CFSG      PermissionSet→Parent
        SobjectType       string(80)      CFSG
        Field             string(160)     CFSG
        PermissionsRead   boolean         CUFSGD
        PermissionsEdit   boolean         CUFSGD
        """

    /// The fields of `RecordType`.
    static let recordTypeFields = """
        Id                id              FSGDi
        Name              string(80)      FSG
        DeveloperName     string(80)      FSG
        SobjectType       picklist(40)    FSG       Account;Contact;Lead;Event;Task;Opportunity
        IsActive          boolean         FSGD
        Description       string(255)     FSGN
        """

    /// The fields of `Organization`, which has one record.
    static let organizationFields = """
        Id                id              FSGDi
        Name              string(80)      FSG
        IsSandbox         boolean         FSGD
        OrganizationType  picklist(40)    FSGNr     *Developer Edition;Enterprise Edition
        InstanceName      string(5)       FSGN
        TimeZoneSidKey    picklist(40)    FSGNr     @timezones
        LanguageLocaleKey picklist(40)    FSGNr     @languages
        """

    /// The fields of `LeadStatus`: which values of `Lead.Status` mean converted.
    static let leadStatusFields = """
        Id                id              FSGDi
        MasterLabel       string(255)     FSG
        ApiName           string(255)     FSG
        SortOrder         int(3)          FSGN
        IsDefault         boolean         FSGD
        IsConverted       boolean         FSGD
        """
}
