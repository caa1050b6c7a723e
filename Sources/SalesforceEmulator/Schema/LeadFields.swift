extension StandardObjects {
    /// The fields of `Lead`, as recorded from a describe.
    ///
    /// The columns are explained at ``FieldTable``.
    static let leadFields = """
        Id                     id              FSGDi
        IsDeleted              boolean         FSGD
        MasterRecordId         reference       FSGN      Lead→MasterRecord
        LastName               string(80)      CUFSG
        FirstName              string(40)      CUFSGN
        Salutation             picklist(40)    CUFSGN    Mr.;Ms.;Mrs.;Dr.;Prof.;Mx.
        Name                   string(121)     FSG
        Title                  string(128)     CUFSGN
        Company                string(255)     CUFSG
        Street                 textarea(255)   CUFSGN
        City                   string(40)      CUFSGN
        State                  string(80)      CUFSGN
        PostalCode             string(20)      CUFSGN
        Country                string(80)      CUFSGN
        Latitude               double(18.15)   CUFSN
        Longitude              double(18.15)   CUFSN
        GeocodeAccuracy        picklist(40)    CUFSGNr   @geocode
        Address                address         FN
        Phone                  phone(40)       CUFSGN
        MobilePhone            phone(40)       CUFSGN
        Fax                    phone(40)       CUFSGN
        Email                  email(80)       CUFSGNi
        Website                url(255)        CUFSGN
        PhotoUrl               url(255)        FSGN
        Description            textarea(32000) CUN
        LeadSource             picklist(255)   CUFSGN    @sources
        Status                 picklist(255)   CUFSGD    @leadStatuses
        Industry               picklist(255)   CUFSGN    @industries
        Rating                 picklist(255)   CUFSGN    Hot;Warm;Cold
        AnnualRevenue          currency(18.0)  CUFSN
        NumberOfEmployees      int(8)          CUFSGN
        OwnerId                reference       CUFSGD    Group,User→Owner
        IsConverted            boolean         CFSGD
        ConvertedDate          date            FSGN
        ConvertedAccountId     reference       FSGN      Account→ConvertedAccount
        ConvertedContactId     reference       FSGN      Contact→ConvertedContact
        ConvertedOpportunityId reference       FSGN      Opportunity→ConvertedOpportunity
        IsUnreadByOwner        boolean         CUFSGD
        CreatedDate            datetime        FSD
        CreatedById            reference       FSGD      User→CreatedBy
        LastModifiedDate       datetime        FSD
        LastModifiedById       reference       FSGD      User→LastModifiedBy
        SystemModstamp         datetime        FSD
        LastActivityDate       date            FSGN
        LastViewedDate         datetime        FSN
        LastReferencedDate     datetime        FSN
        Jigsaw                 string(20)      CUFSGN
        CleanStatus            picklist(40)    CUFSGNr   @cleanStatuses
        CompanyDunsNumber      string(9)       CUFSGN
        DandbCompanyId         reference       CUFSGN    DandBCompany→DandbCompany
        EmailBouncedReason     string(255)     UFSGN
        EmailBouncedDate       datetime        UFSN
        IndividualId           reference       CUFSGN    Individual→Individual
        """
}
